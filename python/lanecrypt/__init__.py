"""bcrypt in bulk."""
