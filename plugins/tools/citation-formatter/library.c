/*
 * SPDX-License-Identifier: MIT
 */
#include "library.h"

#include "utf8.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct block {
    struct block *next;
    max_align_t bytes[];
};

void library_free(struct library *l)
{
    while (l->memory) {
        struct block *next = l->memory->next;
        free(l->memory);
        l->memory = next;
    }
    for (size_t i = 0; i < l->count; i++) {
        free(l->entries[i].authors.at);
        free(l->entries[i].editors.at);
    }
    free(l->entries);
    free(l->issues);
    *l = (struct library){.count = 0};
}

void *library_memory(struct library *l, size_t size)
{
    struct block *block = malloc(sizeof(*block) + size);
    if (!block) {
        l->out_of_memory = l->broken = true;
        return NULL;
    }
    block->next = l->memory;
    l->memory = block;
    return block->bytes;
}

char *library_text(struct library *l, const char *text, size_t len)
{
    char *copy = library_memory(l, len + 1);
    if (copy) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    }
    return copy;
}

/* One more place in a list of elements of `size` bytes. */
static bool grow(struct library *l, void *list, size_t *room, size_t count, size_t size)
{
    void **at = list;
    if (count < *room)
        return true;
    size_t more = *room ? 2 * *room : 8;
    void *bigger = realloc(*at, more * size);
    if (!bigger) {
        l->out_of_memory = l->broken = true;
        return false;
    }
    *at = bigger;
    *room = more;
    return true;
}

struct entry *library_add(struct library *l, const char *key, int line)
{
    if (l->count == ENTRIES_MAX) {
        library_broken(l, line, "more than %d entries; give fewer at once", ENTRIES_MAX);
        return NULL;
    }
    if (!grow(l, &l->entries, &l->room, l->count, sizeof(*l->entries)))
        return NULL;
    l->entries[l->count] = (struct entry){.key = key, .line = line};
    return &l->entries[l->count++];
}

struct person *library_add_person(struct library *l, struct people *p)
{
    if (p->count == PEOPLE_MAX || !grow(l, &p->at, &p->room, p->count, sizeof(*p->at)))
        return NULL;
    p->at[p->count] = (struct person){.family = NULL};
    return &p->at[p->count++];
}

static void add_issue(struct library *l, const struct issue *issue, const char *format, va_list list)
{
    char text[400];
    vsnprintf(text, sizeof(text), format, list);
    if (l->issue_count == ISSUES_MAX) {
        l->issues_left_out++;
        return;
    }
    utf8_mend(text, strlen(text));
    char *message = library_text(l, text, strlen(text));
    if (!message || !grow(l, &l->issues, &l->issue_room, l->issue_count, sizeof(*l->issues)))
        return;
    l->issues[l->issue_count] = *issue;
    l->issues[l->issue_count++].message = message;
}

void library_broken(struct library *l, int line, const char *format, ...)
{
    const struct issue issue = {.error = true, .line = line};
    va_list list;
    if (l->broken)
        return;
    l->broken = true;
    va_start(list, format);
    add_issue(l, &issue, format, list);
    va_end(list);
}

void library_issue(struct library *l, const struct entry *entry, const char *field, bool error,
                   const char *format, ...)
{
    const struct issue issue = {.key = entry->key, .field = field, .error = error, .line = entry->line};
    va_list list;
    va_start(list, format);
    add_issue(l, &issue, format, list);
    va_end(list);
}

const struct entry *library_find(const struct library *l, const char *key)
{
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(l->entries[i].key, key) == 0)
            return &l->entries[i];
    return NULL;
}

int month_read(const char *text)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    if (isdigit((unsigned char)text[0])) {
        int month = text[0] - '0';
        if (isdigit((unsigned char)text[1]))
            month = 10 * month + text[1] - '0';
        return month >= 1 && month <= 12 ? month : 0;
    }
    for (int i = 0; i < 12; i++)
        if (strncasecmp(text, names + (size_t)i * 3, 3) == 0)
            return i + 1;
    return 0;
}

/* At most `digits` digits; -1 if there are none. */
static int digits_at(const char **at, int digits)
{
    int number = isdigit((unsigned char)**at) ? 0 : -1;
    for (; digits > 0 && isdigit((unsigned char)**at); digits--, ++*at)
        number = 10 * number + **at - '0';
    return number;
}

void date_read(const char *text, struct date *date)
{
    struct date d = {0};
    bool before = *text == '-';
    const char *at = text + before;
    int year = digits_at(&at, 4), month = -1, day = -1;
    if (year < 1 || isdigit((unsigned char)*at))
        return;
    d.year = before ? -year : year;
    if (*at == '-' || *at == '/') {
        at++;
        month = digits_at(&at, 2);
        if (*at == '-' || *at == '/') {
            at++;
            day = digits_at(&at, 2);
        }
    }
    if (month >= 1 && month <= 12) {
        d.month = month;
        d.day = day >= 1 && day <= 31 ? day : 0;
    }
    *date = d;
}

const char *doi_of(const char *text)
{
    static const char *const prefixes[] = {"https://doi.org/", "http://doi.org/", "https://dx.doi.org/",
                                           "http://dx.doi.org/", "doi.org/", "doi:"};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (strncasecmp(text, prefixes[i], strlen(prefixes[i])) == 0)
            text += strlen(prefixes[i]);
    return text + strspn(text, " ");
}
