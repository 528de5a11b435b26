#include "adapters/driving/connect/pending.h"

#include <stdlib.h>

void pending_init(struct pending_list *list)
{
    *list = (struct pending_list){.end = &list->first};
}

void pending_clear(struct pending_list *list)
{
    while (list->first)
        pending_remove(list, list->first);
}

/* What `part` of `from` is in `text`, which begins with the bytes of `from`. */
static struct str moved(struct str part, struct str from, const char *text)
{
    return part.len ? (struct str){text + (part.ptr - from.ptr), part.len} : (struct str){text, 0};
}

struct pending *pending_add(struct pending_list *list, const struct message *m, bool keep,
                            size_t limit)
{
    struct str id = json_text(m->id);
    struct str token = json_text(json_get(json_get(m->params, STR("_meta")), STR("progressToken")));
    bool kept = keep && m->line.len <= limit && list->bytes <= limit - m->line.len;
    struct str text = kept ? m->line : id;
    struct pending *p = malloc(sizeof(*p) + text.len);
    if (!p)
        return NULL;
    *p = (struct pending){.method = m->method, .kept = kept, .len = text.len,
                          .modern = message_has_version(m->params)};
    memcpy(p->text, text.ptr, text.len);
    p->id = moved(id, text, p->text);
    if (kept)
        p->token = moved(token, text, p->text);
    list->bytes += kept ? p->len : 0;
    *list->end = p;
    list->end = &p->next;
    return p;
}

struct pending *pending_find(const struct pending_list *list, struct str id)
{
    struct pending *p = list->first;
    while (p && !str_eq(p->id, id))
        p = p->next;
    return p;
}

struct pending *pending_find_token(const struct pending_list *list, struct str token)
{
    struct pending *p = list->first;
    while (p && !(p->token.len && str_eq(p->token, token)))
        p = p->next;
    return p;
}

void pending_remove(struct pending_list *list, struct pending *p)
{
    struct pending **at = &list->first;
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    if (!*at)
        list->end = at;
    list->bytes -= p->kept ? p->len : 0;
    free(p);
}

int pending_read(const struct pending *p, struct message *out)
{
    return message_read((struct str){p->text, p->len}, out);
}
