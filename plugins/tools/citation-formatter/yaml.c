/*
 * yaml.c - reading entries in YAML, and CSL-JSON, which is YAML too.
 *
 * SPDX-License-Identifier: MIT
 *
 * A sequence (or {references: [...]}) has items of CSL: {id, type: article-journal, title, author: [{family,
 * given}], issued: {date-parts: [[2019, 5]]}, container-title ...}. A mapping has entries by key, as
 * Hayagriva writes them: {type: Article, title, author: ["Last, First"], date: 2019-05, parent: {...}}.
 */
#include "library.h"
#include "names_read.h"

#include <libfyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct reader {
    struct library *out;
    size_t bytes; /* of the entry */
};

/* ---- values --------------------------------------------------------------------------------- */

/* The text of a scalar; NULL if it is none or empty. */
static const char *text_of(struct reader *r, struct fy_node *node)
{
    size_t len = 0;
    const char *text = node && fy_node_is_scalar(node) && !fy_node_is_alias(node)
                           ? fy_node_get_scalar(node, &len)
                           : NULL;
    if (!text || len == 0 || memchr(text, '\0', len))
        return NULL;
    r->bytes += len;
    char *copy = library_text(r->out, text, len);
    for (char *at = copy; at && *at; at++)
        if (*at == '\n' || *at == '\t' || *at == '\r')
            *at = ' ';
    return copy;
}

static struct fy_node *at(struct fy_node *mapping, const char *key)
{
    return mapping && fy_node_is_mapping(mapping)
               ? fy_node_mapping_lookup_by_string(mapping, key, (size_t)-1)
               : NULL;
}

static const char *text_at(struct reader *r, struct fy_node *mapping, const char *key)
{
    return text_of(r, at(mapping, key));
}

static void set(const char **to, const char *text)
{
    if (text && !*to)
        *to = text;
}

static int number_of(struct reader *r, struct fy_node *node)
{
    const char *text = text_of(r, node);
    return text ? atoi(text) : 0;
}

/* ---- people --------------------------------------------------------------------------------- */

static void read_person(struct reader *r, struct fy_node *node, struct people *people)
{
    const char *text = text_of(r, node);
    if (text) {
        name_read(r->out, text, people);
        return;
    }
    const char *whole = text_at(r, node, "literal"), *family = text_at(r, node, "family");
    set(&family, text_at(r, node, "name"));
    struct person *p = family || whole ? library_add_person(r->out, people) : NULL;
    if (!p)
        return;
    p->family = whole ? whole : family;
    if (whole)
        return;
    set(&p->given, text_at(r, node, "given"));
    set(&p->given, text_at(r, node, "given-name"));
    set(&p->particle, text_at(r, node, "non-dropping-particle"));
    set(&p->particle, text_at(r, node, "dropping-particle"));
    set(&p->particle, text_at(r, node, "prefix"));
    p->suffix = text_at(r, node, "suffix");
}

static void read_people(struct reader *r, struct fy_node *node, struct people *people)
{
    void *i = NULL;
    if (!node)
        return;
    if (!fy_node_is_sequence(node)) {
        read_person(r, node, people);
        return;
    }
    for (struct fy_node *each; (each = fy_node_sequence_iterate(node, &i)) != NULL;)
        read_person(r, each, people);
}

/* ---- items of CSL --------------------------------------------------------------------------- */

struct type_name {
    const char *name;
    enum entry_type type;
};

static const struct type_name csl_types[] = {
    {"article-journal", ENTRY_ARTICLE}, {"article", ENTRY_OTHER},        {"book", ENTRY_BOOK},
    {"chapter", ENTRY_CHAPTER},         {"entry-encyclopedia", ENTRY_CHAPTER},
    {"paper-conference", ENTRY_CONFERENCE}, {"thesis", ENTRY_THESIS},    {"webpage", ENTRY_WEBPAGE},
    {"post", ENTRY_WEBPAGE},            {"post-weblog", ENTRY_WEBPAGE},  {"report", ENTRY_REPORT},
    {"article-magazine", ENTRY_MAGAZINE}, {"article-newspaper", ENTRY_MAGAZINE},
    {"document", ENTRY_OTHER},          {"dataset", ENTRY_OTHER},        {"software", ENTRY_OTHER},
    {NULL, ENTRY_OTHER}};

static const struct type_name own_types[] = {
    {"article", ENTRY_ARTICLE},   {"book", ENTRY_BOOK},         {"anthology", ENTRY_BOOK},
    {"proceedings", ENTRY_BOOK},  {"reference", ENTRY_BOOK},    {"chapter", ENTRY_CHAPTER},
    {"anthos", ENTRY_CHAPTER},    {"entry", ENTRY_CHAPTER},     {"conference", ENTRY_CONFERENCE},
    {"thesis", ENTRY_THESIS},     {"web", ENTRY_WEBPAGE},       {"blog", ENTRY_WEBPAGE},
    {"report", ENTRY_REPORT},     {"newspaper", ENTRY_MAGAZINE}, {"misc", ENTRY_OTHER},
    {NULL, ENTRY_OTHER}};

static void set_type(struct reader *r, struct entry *e, const struct type_name *types, const char *name)
{
    e->type_name = name ? name : "";
    for (; types->name; types++)
        if (name && strcasecmp(types->name, name) == 0) {
            e->type = types->type;
            return;
        }
    library_issue(r->out, e, "type", false, "\"%.100s\" is no known type; it is taken for a document",
                  e->type_name);
}

static void read_csl_date(struct reader *r, struct fy_node *node, struct date *date)
{
    struct fy_node *parts = at(node, "date-parts");
    struct fy_node *first = parts && fy_node_is_sequence(parts) ? fy_node_sequence_get_by_index(parts, 0) : NULL;
    const char *text = text_of(r, node);
    if (!text)
        text = text_at(r, node, "raw");
    if (!text)
        text = text_at(r, node, "literal");
    if (text)
        date_read(text, date);
    if (!first || !fy_node_is_sequence(first))
        return;
    int year = number_of(r, fy_node_sequence_get_by_index(first, 0));
    int month = number_of(r, fy_node_sequence_get_by_index(first, 1));
    int day = number_of(r, fy_node_sequence_get_by_index(first, 2));
    if (year < -9999 || year > 9999 || year == 0)
        return;
    date->year = year;
    date->month = month >= 1 && month <= 12 ? month : 0;
    date->day = date->month && day >= 1 && day <= 31 ? day : 0;
}

static void read_csl(struct reader *r, struct fy_node *node, struct entry *e)
{
    const char *doi = text_at(r, node, "DOI");
    set_type(r, e, csl_types, text_at(r, node, "type"));
    e->title = text_at(r, node, "title");
    e->container = text_at(r, node, "container-title");
    e->volume = text_at(r, node, "volume");
    e->issue = text_at(r, node, "issue");
    e->pages = text_at(r, node, "page");
    e->publisher = text_at(r, node, "publisher");
    e->place = text_at(r, node, "publisher-place");
    e->edition = text_at(r, node, "edition");
    e->doi = doi ? doi_of(doi) : NULL;
    e->url = text_at(r, node, "URL");
    e->genre = text_at(r, node, "genre");
    e->number = text_at(r, node, "number");
    e->isbn = text_at(r, node, "ISBN");
    read_people(r, at(node, "author"), &e->authors);
    read_people(r, at(node, "editor"), &e->editors);
    read_csl_date(r, at(node, "issued"), &e->issued);
    read_csl_date(r, at(node, "accessed"), &e->accessed);
}

/* ---- entries of Hayagriva ------------------------------------------------------------------- */

static void read_date(struct reader *r, struct fy_node *node, struct date *date)
{
    const char *text = text_of(r, node);
    if (text && date->year == 0)
        date_read(text, date);
}

static const char *title_of(struct reader *r, struct fy_node *node)
{
    struct fy_node *title = at(node, "title");
    return title && fy_node_is_mapping(title) ? text_at(r, title, "value") : text_of(r, title);
}

/* What an entry and its parent have in common. */
static void read_common(struct reader *r, struct fy_node *node, struct entry *e)
{
    struct fy_node *publisher = at(node, "publisher"), *url = at(node, "url");
    struct fy_node *serial = at(node, "serial-number");
    bool parts = publisher && fy_node_is_mapping(publisher);
    set(&e->volume, text_at(r, node, "volume"));
    set(&e->issue, text_at(r, node, "issue"));
    set(&e->pages, text_at(r, node, "page-range"));
    set(&e->edition, text_at(r, node, "edition"));
    set(&e->publisher, parts ? text_at(r, publisher, "name") : text_of(r, publisher));
    set(&e->place, parts ? text_at(r, publisher, "location") : NULL);
    set(&e->place, text_at(r, node, "location"));
    set(&e->publisher, text_at(r, node, "organization"));
    set(&e->genre, text_at(r, node, "genre"));
    const char *doi = text_at(r, serial, "doi");
    set(&e->doi, doi ? doi_of(doi) : NULL);
    set(&e->isbn, text_at(r, serial, "isbn"));
    set(&e->number, text_of(r, serial));
    set(&e->number, text_at(r, serial, "serial"));
    set(&e->url, url && fy_node_is_mapping(url) ? text_at(r, url, "value") : text_of(r, url));
    read_date(r, at(node, "date"), &e->issued);
    read_date(r, at(url, "date"), &e->accessed);
    if (e->editors.count == 0)
        read_people(r, at(node, "editor"), &e->editors);
}

/* An article is what its parent makes it. */
static enum entry_type type_in(enum entry_type type, const char *parent)
{
    if (!parent || type == ENTRY_CHAPTER)
        return type;
    if (strcasecmp(parent, "proceedings") == 0 || strcasecmp(parent, "conference") == 0)
        return ENTRY_CONFERENCE;
    if (strcasecmp(parent, "newspaper") == 0)
        return ENTRY_MAGAZINE;
    if (type == ENTRY_ARTICLE && (strcasecmp(parent, "blog") == 0 || strcasecmp(parent, "web") == 0))
        return ENTRY_WEBPAGE;
    if (strcasecmp(parent, "anthology") == 0 || strcasecmp(parent, "book") == 0)
        return ENTRY_CHAPTER;
    return type;
}

static void read_own(struct reader *r, struct fy_node *node, struct entry *e)
{
    struct fy_node *parent = at(node, "parent");
    if (parent && fy_node_is_sequence(parent))
        parent = fy_node_sequence_get_by_index(parent, 0);
    set_type(r, e, own_types, text_at(r, node, "type"));
    e->title = title_of(r, node);
    read_people(r, at(node, "author"), &e->authors);
    read_common(r, node, e);
    if (!parent)
        return;
    e->container = title_of(r, parent);
    e->type = type_in(e->type, text_at(r, parent, "type"));
    read_common(r, parent, e);
}

/* ---- the whole ------------------------------------------------------------------------------ */

static void add(struct reader *r, const char *key, struct fy_node *node,
                void (*read)(struct reader *r, struct fy_node *node, struct entry *e))
{
    if (!key || strlen(key) > 200 || !fy_node_is_mapping(node)) {
        library_broken(r->out, 0, key ? "%.200s is no mapping of fields"
                                      : "an entry has no id; give each one \"id\"%s",
                       key ? key : "");
        return;
    }
    struct entry *e = library_add(r->out, key, 0);
    if (!e)
        return;
    r->bytes = 0;
    read(r, node, e);
    if (r->bytes > ENTRY_BYTES_MAX)
        library_broken(r->out, 0, "%s has more than %d bytes; shorten it", key, ENTRY_BYTES_MAX);
}

static void read_root(struct reader *r, struct fy_node *root)
{
    void *i = NULL;
    struct fy_node *list = at(root, "references");
    if (!list || !fy_node_is_sequence(list))
        list = root;
    if (list && fy_node_is_sequence(list)) {
        for (struct fy_node *each; !r->out->broken && (each = fy_node_sequence_iterate(list, &i)) != NULL;)
            add(r, text_at(r, each, "id"), each, read_csl);
        return;
    }
    if (!root || !fy_node_is_mapping(root)) {
        library_broken(r->out, 0, "entries are expected: a mapping of keys, or a list of items with \"id\"");
        return;
    }
    for (struct fy_node_pair *pair; !r->out->broken && (pair = fy_node_mapping_iterate(root, &i)) != NULL;)
        add(r, text_of(r, fy_node_pair_key(pair)), fy_node_pair_value(pair), read_own);
}

static void tell_error(struct fy_diag *diag, struct library *out)
{
    void *i = NULL;
    const struct fy_diag_error *error = fy_diag_errors_iterate(diag, &i);
    library_broken(out, error ? error->line : 0, "no YAML or JSON: %.200s",
                   error && error->msg ? error->msg : "it cannot be read");
}

void yaml_read(const char *text, size_t len, struct library *out)
{
    struct reader r = {out, 0};
    struct fy_diag_cfg diag_cfg;
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL;
    diag_cfg.output_fn = NULL;
    diag_cfg.colorize = false;
    struct fy_diag *diag = fy_diag_create(&diag_cfg);
    if (!diag) {
        out->out_of_memory = out->broken = true;
        return;
    }
    fy_diag_set_collect_errors(diag, true);
    const struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET, .diag = diag};
    struct fy_document *document = fy_document_build_from_string(&cfg, text, len);
    if (!document)
        tell_error(diag, out);
    else
        read_root(&r, fy_document_root(document));
    fy_document_destroy(document);
    fy_diag_destroy(diag);
}
