"""The buffers of the age-ordered DRAM controller: reads, writes, and requests whose row was opened for them.

Each holds rows of the batch beside the earliest clock at which each can be ready; then the record counts how many
opened requests each bank has, and buckets of buffered write addresses.
"""

from accelsim.kernels import dram_layout as d
from accelsim.kernels.dram_power import busy

# Kinds of buffers: their lengths stand at these places of the record.
READS, WRITES, OPENED = d.QUEUE_COUNTS, d.QUEUE_COUNTS + 1, d.QUEUE_COUNTS + 2
NEXT, CAS_PLACE, CAS_KIND = d.QUEUE_COUNTS + 3, d.QUEUE_COUNTS + 4, d.QUEUE_COUNTS + 5
SOONEST = 6  # beyond a buffer's length: a clock before which none of its requests can be ready


@d.lean
def buffer(parameters, kind):
    """Return where a buffer's rows start in the record, and its capacity."""
    at, reads, writes = parameters[d.QUEUES_AT], parameters[d.READ_QUEUE], parameters[d.WRITE_QUEUE]
    if kind == READS:
        return at, reads
    if kind == WRITES:
        return at + 2 * reads, writes
    return at + 2 * (reads + writes), parameters[d.BANKS]


@d.lean
def opened_at(parameters):
    """Return where the counts of opened requests by bank start."""
    return parameters[d.QUEUES_AT] + 2 * (parameters[d.READ_QUEUE] + parameters[d.WRITE_QUEUE] + parameters[d.BANKS])


@d.lean
def bucket_at(parameters, address):
    """Return where the bucket of a write address stands."""
    return opened_at(parameters) + parameters[d.BANKS] + d.bucket(address)


@d.lean
def push(parameters, record, kind, request):
    """Append a request to a buffer."""
    at, capacity = buffer(parameters, kind)
    n = record[kind]
    record[at + n] = request
    record[at + capacity + n] = 0
    record[kind] = n + 1
    record[kind + SOONEST] = 0


@d.lean
def drop(parameters, record, kind, place):
    """Take a request out of a buffer."""
    at, capacity = buffer(parameters, kind)
    n = record[kind] - 1
    for k in range(at + place, at + n):
        record[k] = record[k + 1]
    for k in range(at + capacity + place, at + capacity + n):
        record[k] = record[k + 1]
    record[kind] = n


@d.lean
def recheck(parameters, record, batch, bank):
    """Forget the earliest clocks of a bank's requests, of all banks for -1: its row has changed."""
    for kind in range(READS, OPENED + 1):
        at, capacity = buffer(parameters, kind)
        for k in range(record[kind]):
            if bank < 0 or batch[record[at + k], d.C_BANK] == bank:
                record[at + capacity + k] = 0
                record[kind + SOONEST] = 0


@d.lean
def waits_as_write(parameters, record, batch, address):
    """Return whether a write of an address is buffered."""
    if record[bucket_at(parameters, address)] == 0:
        return False
    at, _ = buffer(parameters, WRITES)
    for k in range(record[WRITES]):
        if batch[record[at + k], d.C_ADDRESS] == address:
            return True
    return False


@d.lean
def accept(parameters, record, batch, clock):
    """Take the next request if it has arrived and its buffer has room; return whether one was taken."""
    i = record[NEXT]
    if i >= batch.shape[0] or batch[i, d.C_ARRIVAL] >= clock:
        return False
    is_write, address = batch[i, d.C_WRITE], batch[i, d.C_ADDRESS]
    if waits_as_write(parameters, record, batch, address):
        record[d.COUNTS + (d.N_MERGED if is_write else d.N_FORWARDED)] += 1
        batch[i, d.C_FINISH] = clock
    else:
        kind = WRITES if is_write else READS
        if record[kind] >= parameters[d.WRITE_QUEUE if is_write else d.READ_QUEUE]:
            return False
        push(parameters, record, kind, i)
        if is_write:
            record[bucket_at(parameters, address)] += 1
        busy(parameters, record, clock)
    record[d.S_LAST_REQUEST] = clock
    batch[i, d.C_ACCEPTED] = clock - 1
    record[NEXT] = i + 1
    return True
