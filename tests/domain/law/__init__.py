"""What the law asks of campaigns and cards."""
