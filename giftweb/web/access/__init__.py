"""Who asks and what they may do: rights, sessions, confirmation."""
