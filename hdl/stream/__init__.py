"""Parts that every block of streams uses; they have no golden twin."""
