/*
 * bibtex.c - reading BibTeX, with the fields of BibLaTeX that mean the same.
 *
 * SPDX-License-Identifier: MIT
 */
#include "latex.h"
#include "library.h"
#include "names_read.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MACROS_MAX 200
#define DEPTH_MAX 50

struct text {
    const char *ptr;
    size_t len;
};

struct macro {
    struct text name, value;
};

struct reader {
    const char *at, *end;
    int line;
    struct library *out;
    struct macro macros[MACROS_MAX];
    size_t macro_count;
};

/* ---- characters ----------------------------------------------------------------------------- */

static bool more(const struct reader *r)
{
    return r->at < r->end && !r->out->broken;
}

static void step(struct reader *r)
{
    r->line += *r->at == '\n';
    r->at++;
}

static void skip_space(struct reader *r)
{
    while (more(r) && isspace((unsigned char)*r->at))
        step(r);
}

static bool take(struct reader *r, char c)
{
    skip_space(r);
    if (!more(r) || *r->at != c)
        return false;
    step(r);
    return true;
}

static struct text word(struct reader *r)
{
    skip_space(r);
    struct text w = {r->at, 0};
    while (more(r) && !isspace((unsigned char)*r->at) && !strchr("{}(),=#\"%@", *r->at))
        step(r);
    w.len = (size_t)(r->at - w.ptr);
    return w;
}

static bool is(struct text t, const char *name)
{
    return t.len == strlen(name) && strncasecmp(t.ptr, name, t.len) == 0;
}

/* ---- values --------------------------------------------------------------------------------- */

/* What stands up to `end` at depth 0, which is passed. */
static struct text until(struct reader *r, char end)
{
    struct text t = {r->at, 0};
    int depth = 0, line = r->line;
    for (; more(r); step(r)) {
        char c = *r->at;
        if (depth == 0 && c == end) {
            t.len = (size_t)(r->at - t.ptr);
            step(r);
            return t;
        }
        if (c == '\\' && r->at + 1 < r->end && r->at[1] != '\n')
            step(r);
        else
            depth += c == '{' ? 1 : c == '}' ? -1 : 0;
        if (depth < 0 || depth > DEPTH_MAX)
            library_broken(r->out, r->line, depth < 0 ? "a } without its {" : "braces are nested too deep");
        if (!more(r))
            break;
    }
    library_broken(r->out, line, end == '"' ? "the text that begins with \" here has no end"
                                            : "the text that begins with { here has no }");
    return (struct text){"", 0};
}

static struct text macro_value(const struct reader *r, struct text name)
{
    for (size_t i = r->macro_count; i-- > 0;)
        if (r->macros[i].name.len == name.len &&
            strncasecmp(r->macros[i].name.ptr, name.ptr, name.len) == 0)
            return r->macros[i].value;
    return name; /* the usual ones are names of months, which are read as they are */
}

static struct text piece(struct reader *r)
{
    if (take(r, '{'))
        return until(r, '}');
    if (take(r, '"'))
        return until(r, '"');
    struct text w = word(r);
    if (w.len == 0)
        library_broken(r->out, r->line, "a value is missing; give {text}, \"text\" or a number");
    return macro_value(r, w);
}

/* Pieces with # between them. */
static struct text value(struct reader *r)
{
    struct text whole = piece(r);
    while (more(r) && take(r, '#')) {
        struct text next = piece(r);
        size_t len = whole.len + next.len;
        if (len > ENTRY_BYTES_MAX) {
            library_broken(r->out, r->line, "a value is longer than %d bytes", ENTRY_BYTES_MAX);
            break;
        }
        char *joined = library_memory(r->out, len + 1);
        if (!joined)
            break;
        memcpy(joined, whole.ptr, whole.len);
        memcpy(joined + whole.len, next.ptr, next.len);
        whole = (struct text){joined, len};
    }
    return whole;
}

/* ---- entries -------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum entry_type type;
    const char *genre;
} types[] = {
    {"article", ENTRY_ARTICLE, NULL},          {"book", ENTRY_BOOK, NULL},
    {"booklet", ENTRY_BOOK, NULL},             {"manual", ENTRY_BOOK, NULL},
    {"proceedings", ENTRY_BOOK, NULL},         {"collection", ENTRY_BOOK, NULL},
    {"mvbook", ENTRY_BOOK, NULL},              {"inbook", ENTRY_CHAPTER, NULL},
    {"incollection", ENTRY_CHAPTER, NULL},     {"inproceedings", ENTRY_CONFERENCE, NULL},
    {"conference", ENTRY_CONFERENCE, NULL},    {"phdthesis", ENTRY_THESIS, "PhD thesis"},
    {"mastersthesis", ENTRY_THESIS, "Master’s thesis"}, {"thesis", ENTRY_THESIS, NULL},
    {"techreport", ENTRY_REPORT, "Technical report"}, {"report", ENTRY_REPORT, NULL},
    {"online", ENTRY_WEBPAGE, NULL},           {"electronic", ENTRY_WEBPAGE, NULL},
    {"www", ENTRY_WEBPAGE, NULL},              {"misc", ENTRY_OTHER, NULL},
    {"unpublished", ENTRY_OTHER, NULL},        {"software", ENTRY_OTHER, NULL},
    {"dataset", ENTRY_OTHER, NULL}};

static void set_type(struct reader *r, struct entry *e, struct text name)
{
    e->type_name = library_text(r->out, name.ptr, name.len);
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (is(name, types[i].name)) {
            e->type = types[i].type;
            e->genre = types[i].genre;
            return;
        }
    library_issue(r->out, e, "type", false, "@%s is no known type; it is taken for @misc",
                  e->type_name ? e->type_name : "");
}

static const char *plain(struct reader *r, struct text t)
{
    char *out = library_memory(r->out, 3 * t.len + 1);
    if (!out)
        return NULL;
    latex_plain(t.ptr, t.len, out);
    return *out ? out : NULL;
}

/* URLs and DOIs, in which ~ and -- are themselves. */
static const char *verbatim(struct reader *r, struct text t)
{
    char *out = library_text(r->out, t.ptr, t.len), *to = out;
    for (char *from = out; from && *from; from++)
        if (!isspace((unsigned char)*from) && *from != '{' && *from != '}' &&
            !(*from == '\\' && from[1] && strchr("_%&#~", from[1])))
            *to++ = *from;
    if (out)
        *to = '\0';
    return out && *out ? out : NULL;
}

static bool set_special(struct reader *r, struct entry *e, struct text name, struct text t)
{
    const char *text;
    if (is(name, "author")) {
        names_read_bibtex(r->out, t.ptr, t.len, &e->authors);
    } else if (is(name, "editor")) {
        names_read_bibtex(r->out, t.ptr, t.len, &e->editors);
    } else if (is(name, "year")) {
        struct date d = {0};
        if ((text = plain(r, t)))
            date_read(text, &d);
        if (e->issued.year == 0)
            e->issued.year = d.year;
    } else if (is(name, "date") || is(name, "urldate")) {
        if ((text = plain(r, t)))
            date_read(text, is(name, "date") ? &e->issued : &e->accessed);
    } else if (is(name, "month")) {
        if ((text = plain(r, t)) && !e->issued.month)
            e->issued.month = month_read(text);
    } else if (is(name, "day")) {
        if ((text = plain(r, t)) && atoi(text) >= 1 && atoi(text) <= 31)
            e->issued.day = atoi(text);
    } else if (is(name, "doi")) {
        if ((text = verbatim(r, t)))
            e->doi = doi_of(text);
    } else if (is(name, "url")) {
        e->url = verbatim(r, t);
    } else if (is(name, "crossref")) {
        e->crossref = verbatim(r, t);
    } else {
        return false;
    }
    return true;
}

static void set_field(struct reader *r, struct entry *e, struct text name, struct text t)
{
    const struct {
        const char *name;
        const char **to;
    } fields[] = {{"title", &e->title},         {"journal", &e->container},  {"journaltitle", &e->container},
                  {"booktitle", &e->container}, {"volume", &e->volume},      {"pages", &e->pages},
                  {"publisher", &e->publisher}, {"school", &e->publisher},   {"institution", &e->publisher},
                  {"organization", &e->publisher}, {"address", &e->place},   {"location", &e->place},
                  {"edition", &e->edition},     {"type", &e->genre},         {"isbn", &e->isbn},
                  {"issue", &e->issue},         {"howpublished", &e->container},
                  {"number", e->type == ENTRY_ARTICLE ? &e->issue : &e->number}};
    if (set_special(r, e, name, t))
        return;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (is(name, fields[i].name)) {
            const char *text = plain(r, t);
            bool weak = is(name, "howpublished") || is(name, "organization");
            if (text && !(weak && *fields[i].to))
                *fields[i].to = text;
            return;
        }
}

/* \url{...} in howpublished, as is usual in @misc, makes it a page of the web. */
static void settle(struct entry *e)
{
    if (e->container && strstr(e->container, "://") && e->type == ENTRY_OTHER) {
        if (!e->url)
            e->url = strchr(e->container, ' ') ? NULL : e->container;
        if (e->url == e->container)
            e->container = NULL;
    }
    if (e->type == ENTRY_OTHER && e->url && !e->publisher)
        e->type = ENTRY_WEBPAGE;
}

static void read_fields(struct reader *r, struct entry *e, char end)
{
    const char *from = r->at;
    while (!take(r, end)) {
        struct text name = word(r);
        if (name.len == 0 || !take(r, '=')) {
            library_broken(r->out, r->line, "%s: a field is expected: name = {text}", e->key);
            return;
        }
        struct text t = value(r);
        if (r->out->broken)
            return;
        set_field(r, e, name, t);
        if (take(r, ','))
            continue;
        if (!take(r, end))
            library_broken(r->out, r->line, "%s: a comma is missing between two fields", e->key);
        break;
    }
    if (r->at - from > ENTRY_BYTES_MAX)
        library_broken(r->out, e->line, "%s has more than %d bytes; shorten it", e->key, ENTRY_BYTES_MAX);
    settle(e);
}

static void read_entry(struct reader *r, struct text type, char end, int line)
{
    struct text key = word(r);
    if (key.len == 0 || key.len > 200) {
        library_broken(r->out, line, "an entry needs a key of 1 to 200 bytes: @book{key, ...}");
        return;
    }
    struct entry *e = library_add(r->out, library_text(r->out, key.ptr, key.len), line);
    if (!e || !e->key)
        return;
    set_type(r, e, type);
    if (take(r, ','))
        read_fields(r, e, end);
    else if (!take(r, end))
        library_broken(r->out, r->line, "%s: a comma is missing behind the key", e->key);
}

static void read_macro(struct reader *r, char end)
{
    struct text name = word(r);
    if (name.len == 0 || !take(r, '=')) {
        library_broken(r->out, r->line, "@string needs name = {text}");
        return;
    }
    struct text t = value(r);
    take(r, ',');
    if (r->macro_count == MACROS_MAX)
        library_broken(r->out, r->line, "more than %d @string", MACROS_MAX);
    else
        r->macros[r->macro_count++] = (struct macro){name, t};
    if (!take(r, end))
        library_broken(r->out, r->line, "@string has no end");
}

static void read_at(struct reader *r)
{
    int line = r->line;
    struct text type = word(r);
    if (is(type, "comment")) {
        if (take(r, '{'))
            until(r, '}');
        return;
    }
    bool round = !take(r, '{');
    if (type.len == 0 || (round && !take(r, '('))) {
        library_broken(r->out, line, "an entry is expected behind @: @article{key, ...}");
        return;
    }
    char end = round ? ')' : '}';
    if (is(type, "string"))
        read_macro(r, end);
    else if (is(type, "preamble"))
        until(r, end);
    else
        read_entry(r, type, end, line);
}

void bibtex_read(const char *text, size_t len, struct library *out)
{
    struct reader *r = calloc(1, sizeof(*r));
    if (!r) {
        out->out_of_memory = out->broken = true;
        return;
    }
    *r = (struct reader){.at = text, .end = text + len, .line = 1, .out = out};
    while (more(r)) {
        bool begins = *r->at == '@';
        step(r);
        if (begins)
            read_at(r);
    }
    library_inherit(out);
    free(r);
}
