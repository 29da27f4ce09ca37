"""What is known of a person, and the person forgotten."""
