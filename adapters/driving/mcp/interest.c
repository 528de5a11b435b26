#include "adapters/driving/mcp/interest.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"

static struct subject *find(const struct interest *interest, enum change_kind kind, struct str name)
{
    for (size_t i = 0; i < interest->count; i++) {
        struct subject *at = &interest->subjects[i];
        if (at->kind == kind && str_eq((struct str){at->name, at->len}, name))
            return at;
    }
    return NULL;
}

static int grow(struct interest *interest)
{
    if (interest->count < interest->cap)
        return ST_OK;
    size_t cap = interest->cap ? interest->cap * 2 : 8;
    struct subject *subjects = realloc(interest->subjects, cap * sizeof(*subjects));
    if (!subjects)
        return ST_NOMEM;
    interest->subjects = subjects;
    interest->cap = cap;
    return ST_OK;
}

int interest_too_many(struct error *err)
{
    return error_set(err, ST_TOO_LARGE, "at most %d resources or tasks can be subscribed to",
                     INTEREST_SUBJECTS_MAX);
}

int interest_add(struct interest *interest, enum change_kind kind, struct str name,
                 struct error *err)
{
    if (find(interest, kind, name))
        return ST_OK;
    if (interest->count == INTEREST_SUBJECTS_MAX)
        return interest_too_many(err);
    char *copy = malloc(name.len + 1);
    if (!copy || grow(interest)) {
        free(copy);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    if (name.len)
        memcpy(copy, name.ptr, name.len);
    interest->subjects[interest->count++] =
        (struct subject){.kind = kind, .name = copy, .len = name.len};
    return ST_OK;
}

void interest_remove(struct interest *interest, enum change_kind kind, struct str name)
{
    struct subject *subject = find(interest, kind, name);
    if (!subject)
        return;
    free(subject->name);
    *subject = interest->subjects[--interest->count];
}

void interest_clear(struct interest *interest)
{
    for (size_t i = 0; i < interest->count; i++)
        free(interest->subjects[i].name);
    free(interest->subjects);
    *interest = (struct interest){0};
}

bool interest_note(struct interest *interest, const struct change *change)
{
    if (change->kind < LIST_CHANGES) {
        bool wanted = interest->lists[change->kind];
        interest->due[change->kind] = interest->due[change->kind] || wanted;
        return wanted;
    }
    struct subject *subject = find(interest, change->kind, change->subject);
    if (subject)
        subject->due = true;
    return subject != NULL;
}
