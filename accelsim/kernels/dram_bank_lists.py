"""The requests that wait in a DRAM controller, as one list for each bank: whatever is asked of them is asked of a bank.

A list is chained through the batch (C_NEXT), oldest first; first, last and what the controller remembers of it stand in the record.
Sets of banks are masks of one bit a bank, so that what cannot go because of the rank is left out without a look at it.
"""

import numpy as np

from accelsim.kernels import dram_layout as d

READS, WRITES, QUEUED = 0, 1, 2  # kinds of lists
# In the record, of each kind: the banks that have requests, and how many requests there are.
WAITING, LENGTHS = d.QUEUE_COUNTS, d.QUEUE_COUNTS + 3
OWN = d.QUEUE_COUNTS + 6  # what follows is the controller's
FIRST, LAST = 0, 1  # of a list; the other numbers are the controller's
# 2 is a generator modulo 67: powers of two up to 2^61 leave different remainders.
_PLACE = np.zeros(67, np.int64)
_PLACE[[pow(2, k, 67) for k in range(62)]] = np.arange(62)


@d.lean
def lowest(banks):
    """Return the lowest bank of a set."""
    return _PLACE[(banks & -banks) % 67]


@d.lean
def list_at(parameters, kind, bank):
    """Return where a list's numbers stand in the record."""
    return parameters[d.QUEUES_AT] + (kind * parameters[d.BANKS] + bank) * d.LIST_FIELDS


@d.lean
def append(parameters, record, batch, kind, request):
    """Put a request at the end of its bank's list."""
    bank = batch[request, d.C_BANK]
    at = list_at(parameters, kind, bank)
    if (record[WAITING + kind] >> bank) & 1:
        batch[record[at + LAST], d.C_NEXT] = request
    else:
        record[at + FIRST] = request
        record[WAITING + kind] |= 1 << bank
    record[at + LAST] = request
    batch[request, d.C_NEXT] = -1
    record[LENGTHS + kind] += 1


@d.lean
def remove(parameters, record, batch, kind, request):
    """Take a request out of its bank's list."""
    bank = batch[request, d.C_BANK]
    at = list_at(parameters, kind, bank)
    following = batch[request, d.C_NEXT]
    record[LENGTHS + kind] -= 1
    if record[at + FIRST] == request:
        record[at + FIRST] = following
        if following < 0:
            record[WAITING + kind] &= ~(1 << bank)
        return
    before = record[at + FIRST]
    while batch[before, d.C_NEXT] != request:
        before = batch[before, d.C_NEXT]
    batch[before, d.C_NEXT] = following
    if following < 0:
        record[at + LAST] = before


@d.lean
def first_of(parameters, record, kind, bank):
    """Return the oldest request of a bank, -1 for none."""
    if (record[WAITING + kind] >> bank) & 1:
        return record[list_at(parameters, kind, bank) + FIRST]
    return -1


@d.lean
def oldest(parameters, record, kind, banks):
    """Return the request that comes first in the batch of those that some banks, each with one, begin with."""
    request = d.NEVER
    while banks:
        request = min(request, record[list_at(parameters, kind, lowest(banks)) + FIRST])
        banks &= banks - 1
    return request


@d.lean
def bucket_at(parameters, is_write, address):
    """Return where the bucket stands that counts waiting addresses."""
    return parameters[d.QUEUES_AT] + d.LISTS * parameters[d.BANKS] * d.LIST_FIELDS + is_write * d.BUCKETS + d.bucket(address)
