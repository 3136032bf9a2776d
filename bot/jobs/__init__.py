"""What happens to a job: the desk that cogs talk to, and the workers."""
