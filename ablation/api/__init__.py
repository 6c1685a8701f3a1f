"""The public functions of `ablation`, for notebooks; a module is imported only when one of its functions is called."""
