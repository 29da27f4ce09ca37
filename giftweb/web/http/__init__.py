"""What a request and an answer are made of: headers, errors, fragments, metrics, static files."""
