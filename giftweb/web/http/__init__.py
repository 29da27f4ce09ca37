"""The parts of a request and a response: headers, errors, fragments, metrics, static files."""
