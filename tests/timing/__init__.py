"""A program, not a test: it measures whether sign-ins that must look alike take the same time."""
