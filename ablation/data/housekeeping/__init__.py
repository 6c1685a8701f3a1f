"""Listing and deleting what the data stage keeps on disk."""
