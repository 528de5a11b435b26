#include <stdlib.h>

#include "core/call/call.h"

static bool grow(struct call_table *table)
{
    uint32_t cap = table->cap ? table->cap * 2 : 64;
    struct call **calls = realloc(table->calls, cap * sizeof(struct call *));
    if (calls)
        table->calls = calls;
    uint32_t *generations = realloc(table->generations, cap * sizeof(uint32_t));
    if (generations)
        table->generations = generations;
    uint32_t *unused = realloc(table->free, cap * sizeof(uint32_t));
    if (unused)
        table->free = unused;
    if (!calls || !generations || !unused)
        return false;
    for (uint32_t i = cap; i-- > table->cap;) {
        table->calls[i] = NULL;
        table->generations[i] = 0;
        table->free[table->free_count++] = i;
    }
    table->cap = cap;
    return true;
}

struct call *call_table_add(struct call_table *table)
{
    if (table->free_count == 0 && !grow(table))
        return NULL;
    struct call *call = malloc(sizeof(*call));
    if (!call)
        return NULL;
    uint32_t index = table->free[--table->free_count];
    uint32_t generation = ++table->generations[index];
    *call = (struct call){.id = (uint64_t)generation << 32 | (index + 1)};
    call->run_id = call->id;
    table->calls[index] = call;
    table->live++;
    return call;
}

struct call *call_table_find(const struct call_table *table, uint64_t id)
{
    uint32_t index = (uint32_t)id - 1;
    struct call *call = index < table->cap ? table->calls[index] : NULL;
    return call && (call->id == id || call->run_id == id) ? call : NULL;
}

void call_table_renew(struct call_table *table, struct call *call)
{
    uint32_t index = (uint32_t)call->id - 1;
    call->run_id = (uint64_t)++table->generations[index] << 32 | (index + 1);
}

void call_table_remove(struct call_table *table, struct call *call)
{
    uint32_t index = (uint32_t)call->id - 1;
    table->calls[index] = NULL;
    table->free[table->free_count++] = index;
    table->live--;
    free(call);
}

void call_table_free(struct call_table *table)
{
    free(table->calls);
    free(table->generations);
    free(table->free);
}
