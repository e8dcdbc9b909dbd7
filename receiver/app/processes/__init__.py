"""What the processes of one service share: the limit of open files, and the metrics."""
