/*
 * SPDX-License-Identifier: MIT
 */
#include "table.h"

#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "detect.h"

#define FILE_MOST ((uint64_t)500 << 20)
#define LOOK ((size_t)64 * 1024)
#define LOOK_ROWS 1000
#define NAME_MOST 1000

/* ---- the source ----------------------------------------------------------------------------- */

static int32_t open_file(const hexmcp_round *r, const char *path, struct reader *reader)
{
    struct stat about;
    int32_t status = source_open(r, path, &reader->fd);
    if (status != HEXMCP_OK)
        return status;
    if (fstat(reader->fd, &about) != 0 || S_ISDIR(about.st_mode))
        status = hexmcp_fail(r->err, HEXMCP_E_INVALID, "%.*s is a folder; give the path of a file",
                             SHOWN(path));
    else if ((uint64_t)about.st_size > FILE_MOST)
        status = hexmcp_fail(r->err, HEXMCP_E_TOO_LARGE,
                             "%.*s has more than %llu bytes, the most that is taken; give a smaller file",
                             SHOWN(path), (unsigned long long)FILE_MOST);
    if (status != HEXMCP_OK)
        close(reader->fd);
    reader->size = (uint64_t)about.st_size;
    return status;
}

static void use_text(hexmcp_str text, struct reader *reader)
{
    if (hexmcp_str_begins(text, "\xEF\xBB\xBF"))
        text = (hexmcp_str){text.ptr + 3, text.len - 3};
    reader->text = text;
    reader->size = text.len;
}

static bool is_utf8_name(const char *name)
{
    return strcasecmp(name, "utf-8") == 0 || strcasecmp(name, "utf8") == 0 ||
           strcasecmp(name, "us-ascii") == 0 || strcasecmp(name, "ascii") == 0;
}

/* By the request, or by the first bytes. */
static int32_t find_form(const struct request *q, struct table *t)
{
    struct reader *reader = &t->reader;
    char *begin = malloc(LOOK);
    size_t len;
    if (!begin)
        return hexmcp_fail(reader->r->err, HEXMCP_E_NOMEM, "out of memory for the file; try again");
    int32_t status = reader_begin(reader, begin, LOOK, &len);
    if (status == HEXMCP_OK) {
        struct detected found = detect_encoding(begin, len);
        reader->skip = found.skip;
        t->encoding = q->encoding ? q->encoding : found.encoding;
        if (reader->fd < 0)
            t->encoding = "UTF-8";
        reader->encoding = is_utf8_name(t->encoding) ? NULL : t->encoding;
        reader->quote = q->quote;
        reader->delimiter = q->delimiter ? q->delimiter : detect_delimiter(begin, len, q->quote);
    }
    free(begin);
    return status;
}

/* ---- the columns ---------------------------------------------------------------------------- */

struct look {
    struct table *table;
    int has_headers;
    uint64_t rows;
};

size_t table_column(const struct table *t, const char *name, size_t len)
{
    for (size_t i = 0; i < t->columns; i++)
        if (t->names[i].len == len && memcmp(t->names[i].ptr, name, len) == 0)
            return i;
    return SIZE_MAX;
}

static bool is_blank(hexmcp_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!strchr(" \t\r\n", text.ptr[i]))
            return false;
    return true;
}

/* "name"; "name_3" if it is there already and this is the third column; "column_3" if it is empty. */
static bool add_name(struct table *t, hexmcp_str wanted, hexmcp_str *out)
{
    char made[NAME_MOST + 40];
    size_t len = wanted.len < NAME_MOST ? wanted.len : NAME_MOST;
    while (len > 0 && len < wanted.len && ((unsigned char)wanted.ptr[len] & 0xC0) == 0x80)
        len--;
    size_t made_len = len;
    if (is_blank(wanted))
        made_len = (size_t)snprintf(made, sizeof(made), "column_%zu", t->columns + 1);
    else
        memcpy(made, wanted.ptr, len);
    for (size_t n = t->columns + 1; table_column(t, made, made_len) != SIZE_MAX; n++)
        made_len = (size_t)snprintf(made, sizeof(made), "%.*s_%zu", (int)len, wanted.ptr, n);
    char *copy = malloc(made_len + 1);
    if (!copy)
        return false;
    memcpy(copy, made, made_len);
    copy[made_len] = '\0';
    *out = (hexmcp_str){copy, made_len};
    return true;
}

static int32_t make_columns(struct table *t, const struct row *row, hexmcp_error *err)
{
    t->names = calloc(row->count, sizeof(*t->names));
    t->types = calloc(row->count, sizeof(*t->types));
    for (size_t i = 0; t->names && t->types && i < row->count; i++) {
        hexmcp_str wanted = t->has_headers ? row->fields[i] : (hexmcp_str){"", 0};
        if (!add_name(t, wanted, &t->names[i]))
            return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the columns; try again");
        t->columns++;
    }
    if (!t->names || !t->types)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the columns; try again");
    return HEXMCP_OK;
}

static int32_t look_at(void *arg, const struct row *row, bool *more, hexmcp_error *err)
{
    struct look *look = arg;
    struct table *t = look->table;
    if (look->rows++ == 0) {
        t->has_headers = look->has_headers < 0 ? detect_header(row->fields, row->count)
                                               : look->has_headers;
        int32_t status = make_columns(t, row, err);
        if (status != HEXMCP_OK || t->has_headers)
            return status;
    }
    for (size_t i = 0; i < t->columns && i < row->count; i++)
        t->types[i] = value_join(t->types[i], value_type_of(row->fields[i]));
    *more = look->rows < LOOK_ROWS;
    return HEXMCP_OK;
}

int32_t table_open(const hexmcp_round *r, const struct request *q, struct pace *pace,
                   struct table *table)
{
    struct table t = {.reader = {.r = r, .pace = pace, .fd = -1}};
    struct look look = {.table = &t, .has_headers = q->has_headers};
    int32_t status = HEXMCP_OK;
    if (q->path)
        status = open_file(r, q->path, &t.reader);
    else
        use_text(q->input, &t.reader);
    if (status != HEXMCP_OK)
        return status;
    status = find_form(q, &t);
    if (status == HEXMCP_OK)
        status = reader_run(&t.reader, look_at, &look);
    if (status == HEXMCP_OK && t.columns == 0)
        status = hexmcp_fail(r->err, HEXMCP_E_INVALID, "there is no row in it; give CSV with a row at least");
    if (status != HEXMCP_OK)
        table_close(&t);
    else
        *table = t;
    return status;
}

void table_close(struct table *t)
{
    for (size_t i = 0; i < t->columns; i++)
        free((char *)(uintptr_t)t->names[i].ptr);
    free(t->names);
    free(t->types);
    if (t->reader.fd >= 0)
        close(t->reader.fd);
}

/* ---- rows ----------------------------------------------------------------------------------- */

struct without_header {
    reader_row_fn take;
    void *arg;
    bool skip;
};

static int32_t take(void *arg, const struct row *row, bool *more, hexmcp_error *err)
{
    struct without_header *w = arg;
    if (!w->skip)
        return w->take(w->arg, row, more, err);
    w->skip = false;
    return HEXMCP_OK;
}

int32_t table_rows(struct table *t, reader_row_fn take_row, void *arg)
{
    struct without_header w = {take_row, arg, t->has_headers};
    return reader_run(&t->reader, take, &w);
}

void table_put(const struct table *t, hexmcp_json_writer *w)
{
    char delimiter[2] = {t->reader.delimiter, '\0'};
    hexmcp_json_put_text(w, "encoding", t->encoding);
    hexmcp_json_put_text(w, "delimiter", delimiter);
    hexmcp_json_put_bool(w, "has_headers", t->has_headers);
}
