"""The way of a notification without HTTP: content modes, understanding, group commit, reprocessing.

The writer owns every arrival from `submit` until it has answered it, exactly once:

    state       the arrival is                             next
    ----------  -----------------------------------------  --------------------------------------
    queued      behind the commit that is under way        committing; 503 after the patience
    committing  in a batch of at most `batch_limit` items  durable, refused, or late
    late        in a batch that had its turn, for one      durable, refused; 503 after the patience
                deadline; the next batch has begun

A commit is never cancelled: cancelling one leaves open whether it happened. One that hangs goes on
after its items are answered, and keeps its batch late. At most three batches are late at once;
while there are three, no other begins. The patience counts from the arrival of each item, so that
all waits together, in the queue, for tries and for the end of a commit, are bounded by it, also
while the service stops.

    failure of a try                      what the writer does
    ------------------------------------  ------------------------------------------------------
    ContentRejected                       halves the batch until the bad item stands alone: 400
    CommitRefused                         tries the batch again, ten times a second at most,
                                          while the patience of one of its items lasts
    CommitUnknown                         tries the same batch again, twice; it counts once
    Unavailable, any other error of ours  503 for the batch
    an unforeseen error                   503 for the batch, and the error in the log
    no end within the deadline            the batch is late
    the queue is full                     503 for the newcomer
    the service stops                     503 for newcomers; accepted items are stored

Where there is an overflow, it makes durable what would be 503 for the batch, but for an unforeseen
error; 503 is then what neither of the two takes.
"""
