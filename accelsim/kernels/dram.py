"""A DRAM channel, burst by burst: every request of a batch through queues, banks and refresh, exactly.

``serve`` is what both engines call, and what whole traces run through. Its state is one flat record
(``dram_layout.fresh_record``), which is a snapshot when copied. A batch is served to its end: requests reorder only
among those of the batch; open rows, the bus, refresh and power state carry over to the next.
"""

from accelsim.kernels import dram_age_order, dram_bank_queues
from accelsim.kernels import dram_layout as d

_run_by_age = dram_age_order.run
_run_bank_queues = dram_bank_queues.run


@d.lean
def serve(parameters, record, batch, until, log):
    """Serve a batch of bursts in a channel.

    Parameters
    ----------
    parameters : ndarray, shape (dram_layout.PARAMETERS,), int64
    record : ndarray, shape (dram_layout.record_size(parameters),), int64
        The channel's state; changed in place. Its clock only goes forward.
    batch : ndarray, shape (bursts, dram_layout.BATCH_COLUMNS), int64
        The caller writes C_ADDRESS (byte address divided by the bytes of one burst), C_WRITE (0 or 1) and C_ARRIVAL
        (earliest clock, not decreasing; a refused request holds up those behind it). ``serve`` writes C_ACCEPTED,
        the clock at which the controller took it, and C_FINISH, at which its last data beat has moved (left as it
        was for writes that a controller without flush never issues).
    until : int
        Clock up to which the channel's refreshes and power states are followed when the batch is done; 0 for no further.
    log : ndarray, shape (1 + largest number of commands, LOG_FIELDS), int64
        ``log[0, 0]`` counts the rows written; of one row: no log.

    Returns
    -------
    int
        The clock at which the last burst has moved, 0 for an empty batch.
    """
    d.decode(parameters, batch)
    if parameters[d.STRUCTURE] == d.BANK_QUEUES:
        _run_bank_queues(parameters, record, batch, until, log)
    else:
        _run_by_age(parameters, record, batch, until, log)
    last = 0
    for i in range(batch.shape[0]):
        last = max(last, batch[i, d.C_FINISH])
    return last
