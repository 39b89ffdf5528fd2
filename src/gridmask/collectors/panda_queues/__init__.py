"""What PanDA does with its queues, as CRIC tells it: whether it sends jobs to them, or only tests, or nothing."""
