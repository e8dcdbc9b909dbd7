"""The spool: what the database does not take in time is made durable on this machine.

    what is kept                where it is                      who owns it
    --------------------------  -------------------------------  ------------------------------
    a batch that failed         a file of this process           the process, by a lock (flock)
    a file that was closed      the folder, without a lock       whoever locks it, to drain it
    a file whose owner died     the same                         the same

A batch is written, synced (`fdatasync`) and only then acknowledged; the name of a new file is
synced as well. A file is removed once the database has every record of it. Records carry the
arrival ids of their notifications, so that one that is drained twice is stored once.

While the spool takes batches, none is tried at the database: the drain tries, and its first
success opens the direct way again.

    failure                               what happens
    ------------------------------------  ------------------------------------------------------
    the disk is full, or a limit reached  503, as without a spool; the file is begun anew
    no end of the sync within 5 seconds   503, and 503 for what follows until it ends
    the process dies while it writes      the last record is torn, was never acknowledged, and is
                                          left out
    the process dies after it has synced  another process drains the file
    the process dies while it drains      the file is drained again
    bytes are not as they were written    the records before them are drained; the file is set
                                          aside, and is never removed
    the database refuses the content      it goes into quarantine, as its sender has its 204
    the quarantine is full                that record stays in the spool
"""
