#include "core/base/nearest.h"

/* Longer words are not compared: nobody mistypes them by hand. */
#define LONGEST 64

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment distance, three rows of the table at a time. */
static size_t distance_of(struct str a, struct str b)
{
    size_t rows[3][LONGEST + 1];
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t *row = rows[i % 3], *before = rows[(i + 2) % 3], *two_before = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t changed = lower(a.ptr[i - 1]) != lower(b.ptr[j - 1]);
            row[j] = least(before[j - 1] + changed, least(before[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && lower(a.ptr[i - 1]) == lower(b.ptr[j - 2]) &&
                lower(a.ptr[i - 2]) == lower(b.ptr[j - 1]))
                row[j] = least(row[j], two_before[j - 2] + 1);
        }
    }
    return rows[a.len % 3][b.len];
}

void nearest_offer(struct nearest *n, struct str known)
{
    if (n->word.len == 0 || n->word.len > LONGEST || known.len == 0 || known.len > LONGEST)
        return;
    size_t distance = distance_of(n->word, known);
    size_t limit = known.len < 3 ? 1 : (known.len + 2) / 3;
    if (distance > limit || (n->best.len && distance >= n->distance))
        return;
    n->best = known;
    n->distance = distance;
}
