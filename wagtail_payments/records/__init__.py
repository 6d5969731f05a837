"""What is remembered: Django models and their constraints."""
