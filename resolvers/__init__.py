"""What can be asked: Strawberry types, queries and mutations that translate and delegate."""
