/*
 * SPDX-License-Identifier: MIT
 */
#include "symbols.h"

#include "hexmcp/json.h"

int symbols_compare(hexmcp_str a, hexmcp_str b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len > 0 ? memcmp(a.ptr, b.ptr, len) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_at(const void *a, const void *b, void *arg)
{
    const hexmcp_str *texts = arg;
    return symbols_compare(texts[*(const uint32_t *)a], texts[*(const uint32_t *)b]);
}

int32_t symbols_number(const hexmcp_str *texts, size_t count, uint32_t *ids, hexmcp_error *err)
{
    uint32_t id = 0;
    uint32_t *order = malloc((count + 1) * sizeof(*order));
    if (!order)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory to compare %zu parts; try again",
                           count);
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    qsort_r(order, count, sizeof(*order), compare_at, (void *)(uintptr_t)texts);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && symbols_compare(texts[order[i - 1]], texts[order[i]]) != 0)
            id++;
        ids[order[i]] = id;
    }
    free(order);
    return HEXMCP_OK;
}
