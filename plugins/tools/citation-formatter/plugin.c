/*
 * plugin.c - the tool "citation-formatter" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "format.h"
#include "kit/answer.h"
#include "kit/args.h"
#include "kit/source.h"
#include "utf8.h"

#include "hexmcp/plugin.h"

#include <stdio.h>
#include <string.h>

#define INPUT_MAX ((size_t)ENTRIES_MAX * ENTRY_BYTES_MAX)
#define KEYS_MAX ENTRIES_MAX

enum operation { FORMAT, VALIDATE, LIST };
static const char *const operations[] = {"format_citation", "validate_bibliography", "list_styles", NULL};

enum format { YAML, BIBTEX, CSL_JSON };
static const char *const formats[] = {"yaml", "bibtex", "csl-json", NULL};

struct page {
    size_t offset, limit;
};

static struct page read_page(struct args *args)
{
    return (struct page){(size_t)args_int(args, "offset", 0, 1000000, 0),
                         (size_t)args_int(args, "limit", 1, 200, 100)};
}

static size_t end_of(const struct page *page, size_t count)
{
    return page->offset >= count ? count : count - page->offset < page->limit ? count : page->offset + page->limit;
}

static size_t start_of(const struct page *page, size_t count)
{
    return page->offset < count ? page->offset : count;
}

/* ---- reading -------------------------------------------------------------------------------- */

static int32_t check_text(const hexmcp_round *r, enum format format, hexmcp_str text)
{
    size_t valid = utf8_valid(text.ptr, text.len), blank = 0;
    while (blank < text.len && strchr(" \t\r\n", text.ptr[blank]))
        blank++;
    if (valid < text.len)
        return hexmcp_fail(r->err, HEXMCP_E_INVALID,
                           "the text is no UTF-8 from byte %zu on; convert it first, with file-converter",
                           valid);
    if (blank == text.len)
        return hexmcp_fail(r->err, HEXMCP_E_INVALID, "the bibliography is empty; give entries");
    if (format != BIBTEX && text.ptr[blank] == '@')
        return hexmcp_fail(r->err, HEXMCP_E_INVALID,
                           "this begins as BibTeX, but format is %s; give format bibtex",
                           formats[format]);
    return HEXMCP_OK;
}

static int32_t check_read(const hexmcp_round *r, enum format format, const struct library *library)
{
    if (library->out_of_memory)
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the entries; give fewer");
    if (library->count > 0 || library->broken)
        return HEXMCP_OK;
    return hexmcp_fail(r->err, HEXMCP_E_INVALID, "there is no entry in it; %s",
                       format == BIBTEX ? "BibTeX has @article{key, ...}, for others give format yaml "
                                          "or csl-json"
                                        : "give at least one");
}

static int32_t read_library(const hexmcp_round *r, struct args *args, struct library *library)
{
    enum format format = (enum format)args_choice(args, "format", formats, YAML);
    struct source source;
    *library = (struct library){.count = 0};
    int32_t status = args_status(args);
    if (status == HEXMCP_OK)
        status = source_read(r, args, INPUT_MAX, INPUT_MAX, &source);
    if (status != HEXMCP_OK)
        return status;
    status = check_text(r, format, source.data);
    if (status == HEXMCP_OK && format == BIBTEX)
        bibtex_read(source.data.ptr, source.data.len, library);
    else if (status == HEXMCP_OK)
        yaml_read(source.data.ptr, source.data.len, library);
    source_free(&source);
    return status == HEXMCP_OK ? check_read(r, format, library) : status;
}

/* The first thing that kept it from being read, as an error. */
static int32_t broken(const hexmcp_round *r, const struct library *library)
{
    for (size_t i = 0; i < library->issue_count; i++)
        if (!library->issues[i].key && library->issues[i].line > 0)
            return hexmcp_fail(r->err, HEXMCP_E_INVALID, "line %d: %s", library->issues[i].line,
                               library->issues[i].message);
        else if (!library->issues[i].key)
            return hexmcp_fail(r->err, HEXMCP_E_INVALID, "%s", library->issues[i].message);
    return hexmcp_fail(r->err, HEXMCP_E_INVALID, "the entries cannot be read; check them");
}

/* ---- format_citation ------------------------------------------------------------------------ */

static bool put_one(hexmcp_json_writer *w, const struct style *style, const struct cited *c,
                    const char *member)
{
    bool listed = member[0] == 't';
    char *text = listed ? format_reference(style, c) : format_citation(style, c);
    if (!text)
        return false;
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "key", c->entry->key);
    if (style->sorting == SORT_NONE)
        hexmcp_json_put_int64(w, "number", (int64_t)c->place.number);
    hexmcp_json_put_text(w, member, text);
    hexmcp_json_end_object(w);
    free(text);
    return true;
}

static bool put_lists(hexmcp_json_writer *w, const struct style *style, const struct formatted *f,
                      const struct page *page)
{
    bool ok = true;
    size_t from = start_of(page, f->count), to = end_of(page, f->count);
    hexmcp_json_key(w, "citations");
    hexmcp_json_begin_array(w);
    for (size_t i = from; ok && i < to; i++)
        ok = put_one(w, style, &f->by_citation[i], "citation");
    hexmcp_json_end_array(w);
    hexmcp_json_key(w, "reference_list");
    hexmcp_json_begin_array(w);
    for (size_t i = from; ok && i < to; i++)
        ok = put_one(w, style, f->by_list[i], "text");
    hexmcp_json_end_array(w);
    if (to < f->count)
        hexmcp_json_put_int64(w, "next_offset", (int64_t)to);
    return ok;
}

static int32_t answer_format(const hexmcp_round *r, const struct style *style, const struct formatted *f,
                             const struct page *page)
{
    struct answer a;
    hexmcp_json_writer *w = answer_begin(&a, r);
    hexmcp_json_put_text(w, "operation", "format_citation");
    hexmcp_json_put_text(w, "style", style->name);
    hexmcp_json_put_int64(w, "entry_count", (int64_t)f->count);
    bool ok = put_lists(w, style, f, page);
    answer_text(&a, "%zu entries in the style %s.", f->count, style->title);
    if (ok)
        return answer_end(&a);
    answer_drop(&a);
    return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the references; ask for fewer");
}

static const struct style *read_style(struct args *args)
{
    const char *name = args_text(args, "style", 64, "apa");
    const struct style *style = style_find(name);
    if (!style)
        args_fail(args, HEXMCP_E_INVALID, "style: there is no style \"%s\"; list_styles names all", name);
    return style;
}

/* A part of nobody knows what is shown as something of its own. */
static void give_up_parts(struct library *library)
{
    for (size_t i = 0; i < library->count; i++) {
        struct entry *e = &library->entries[i];
        if ((e->type == ENTRY_CHAPTER || e->type == ENTRY_CONFERENCE) && !e->container)
            e->type = ENTRY_OTHER;
    }
}

static int32_t format(const hexmcp_round *r, struct args *args, struct library *library)
{
    struct formatted formatted;
    size_t count;
    const struct style *style = read_style(args);
    const char *const *keys = args_texts(args, "cite_keys", KEYS_MAX, 200, &count);
    struct page page = read_page(args);
    int32_t status = args_status(args);
    if (status == HEXMCP_OK)
        status = read_library(r, args, library);
    if (status == HEXMCP_OK && library->broken)
        status = broken(r, library);
    for (size_t i = 0; status == HEXMCP_OK && i < count; i++)
        if (!library_find(library, keys[i]))
            status = hexmcp_fail(r->err, HEXMCP_E_NOT_FOUND, "cite_keys: no entry has the key \"%.200s\"",
                                 keys[i]);
    if (status != HEXMCP_OK)
        return status;
    give_up_parts(library);
    if (!format_make(library, style, keys, count, &formatted))
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the references; ask for fewer");
    status = answer_format(r, style, &formatted, &page);
    format_free(&formatted);
    return status;
}

/* ---- validate_bibliography ------------------------------------------------------------------ */

static void put_issue(hexmcp_json_writer *w, const struct issue *issue)
{
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "severity", issue->error ? "error" : "warning");
    if (issue->key)
        hexmcp_json_put_text(w, "key", issue->key);
    if (issue->field)
        hexmcp_json_put_text(w, "field", issue->field);
    if (issue->line > 0)
        hexmcp_json_put_int64(w, "line", issue->line);
    hexmcp_json_put_text(w, "message", issue->message);
    hexmcp_json_end_object(w);
}

static int32_t answer_issues(const hexmcp_round *r, const struct library *library, const struct page *page)
{
    struct answer a;
    size_t errors = 0, to = end_of(page, library->issue_count);
    hexmcp_json_writer *w = answer_begin(&a, r);
    for (size_t i = 0; i < library->issue_count; i++)
        errors += library->issues[i].error;
    hexmcp_json_put_text(w, "operation", "validate_bibliography");
    hexmcp_json_put_bool(w, "valid", errors == 0);
    hexmcp_json_put_int64(w, "entry_count", (int64_t)library->count);
    hexmcp_json_put_int64(w, "error_count", (int64_t)errors);
    hexmcp_json_put_int64(w, "warning_count", (int64_t)(library->issue_count - errors));
    hexmcp_json_key(w, "issues");
    hexmcp_json_begin_array(w);
    for (size_t i = start_of(page, library->issue_count); i < to; i++)
        put_issue(w, &library->issues[i]);
    hexmcp_json_end_array(w);
    if (to < library->issue_count)
        hexmcp_json_put_int64(w, "next_offset", (int64_t)to);
    hexmcp_json_put_bool(w, "truncated", library->issues_left_out > 0);
    answer_text(&a, "%zu entries, %zu errors, %zu warnings.", library->count, errors,
                library->issue_count - errors);
    return answer_end(&a);
}

static int32_t validate(const hexmcp_round *r, struct args *args, struct library *library)
{
    struct page page = read_page(args);
    int32_t status = read_library(r, args, library);
    if (status != HEXMCP_OK)
        return status;
    if (!library->broken)
        library_check(library);
    return answer_issues(r, library, &page);
}

/* ---- list_styles ---------------------------------------------------------------------------- */

static int32_t list(const hexmcp_round *r)
{
    struct answer a;
    hexmcp_json_writer *w = answer_begin(&a, r);
    size_t count = 0;
    hexmcp_json_put_text(w, "operation", "list_styles");
    hexmcp_json_key(w, "styles");
    hexmcp_json_begin_array(w);
    for (; styles[count]; count++) {
        hexmcp_json_begin_object(w);
        hexmcp_json_put_text(w, "style", styles[count]->name);
        hexmcp_json_put_text(w, "title", styles[count]->title);
        hexmcp_json_end_object(w);
    }
    hexmcp_json_end_array(w);
    answer_text(&a, "%zu styles.", count);
    return answer_end(&a);
}

static int32_t run(const hexmcp_round *r)
{
    struct args args = args_begin(r->args, r->err);
    struct library library = {.count = 0};
    enum operation operation = (enum operation)args_choice(&args, "operation", operations, FORMAT);
    int32_t status = args_status(&args);
    if (status == HEXMCP_OK)
        status = operation == FORMAT     ? format(r, &args, &library)
                 : operation == VALIDATE ? validate(r, &args, &library)
                                         : list(r);
    library_free(&library);
    args_end(&args);
    return status;
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("citation-formatter", run), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.citation-formatter", "0.1.0", plugin);
