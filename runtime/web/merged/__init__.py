"""One console over several workers: each is asked, and what they answer is put together."""
