/* "Did you mean ...?": the known word that is most like a mistyped one. */
#pragma once

#include "core/base/str.h"

/* Remembers the best of the words offered so far. Start with {.word = mistyped}. */
struct nearest {
    struct str word;
    struct str best; /* empty if nothing is near enough */
    size_t distance;
};

/* Offers one known word, which is borrowed. A word counts as near if at most a third of its letters
 * differ (insertions, deletions, changes, swaps of neighbours), case aside. */
void nearest_offer(struct nearest *n, struct str known);
