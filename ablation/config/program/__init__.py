"""Programs of a user's own, in any language, as a study runs them: their command, flags and metric."""
