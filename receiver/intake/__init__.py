"""The way of a notification without HTTP: content modes, understanding, group commit, reprocessing.

The writer owns every arrival from `submit` until it has answered it, exactly once:

    state       the arrival is                             next
    ----------  -----------------------------------------  --------------------------------------
    queued      behind the commit that is under way        committing, or 503 after 1.5 deadlines
    committing  in a batch of at most `batch_limit` items  durable, refused, or 503
    overdue     answered 503; its commit goes on alone     logged when it comes back

A commit is never cancelled: cancelling one leaves open whether it happened. At most three commits
are overdue at once; while there are three, no other begins.

A batch whose commit has not begun waits for the database inside its deadline, and the queue behind
it waits with it: the bounds of the queue and the 1.5 deadlines of an item hold as ever, also while
the service stops.

    failure of a commit                   what the writer does
    ------------------------------------  ------------------------------------------------------
    ContentRejected                       halves the batch until the bad item stands alone: 400
    CommitNotBegun                        tries the batch again every 0.1 s within the deadline
    CommitConflict, CommitUnknown         tries the same batch again, twice; it counts once
    Unavailable, any other error of ours  503 for the batch
    an unforeseen error                   503 for the batch, and the error in the log
    no end within the deadline            503 for the batch; the commit is overdue
    the queue is full                     503 for the newcomer
    the service stops                     503 for newcomers; accepted items are stored
"""
