"""What leaves in bulk: lines that Postgres writes, read in short transactions.

Postgres writes each line, so that the process that also takes notifications only passes texts on.
A reader that stops holds neither a connection nor a snapshot: each page is a transaction of its
own, and the next one begins behind the last line.
"""
