/*
 * SPDX-License-Identifier: MIT
 */
#include "sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xlsxwriter.h>

#include "kit/bytes.h"

/* What Excel takes. */
#define ROWS_MOST 1048576
#define COLUMNS_MOST 16384
#define CELL_MOST 32767
#define DIGITS_MOST 15
#define HEX "0123456789abcdefABCDEF"

struct sheet {
    struct target *target;
    const hexmcp_str *names;
    size_t columns;
    lxw_row_t rows; /* with the names */
    lxw_workbook *workbook; /* NULL for a dry run */
    lxw_worksheet *worksheet;
    lxw_format *day;
    lxw_format *moment;
    struct bytes text; /* of the cell that is written */
    char place[40];
};

/* ---- texts ---------------------------------------------------------------------------------- */

static int32_t no_memory(hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the rows; try again");
}

static int32_t fail_write(const struct sheet *s, lxw_error why, hexmcp_error *err)
{
    return hexmcp_fail(err, why == LXW_ERROR_MEMORY_MALLOC_FAILED ? HEXMCP_E_NOMEM : HEXMCP_E_GENERIC,
                       "%.200s cannot be written: %.100s", s->target->path, lxw_strerror(why));
}

/* Characters as Excel counts them: those beyond U+FFFF are two. */
static size_t units(hexmcp_str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        count += (c & 0xC0) == 0x80 ? 0 : c >= 0xF0 ? 2 : 1;
    }
    return count;
}

/* The length of what a cell cannot hold as it is at `at`, or 0; *instead is what stands for it: U+FFFD for
 * NUL, U+FFFE and U+FFFF, and the escape of the underscore that would begin an escape. */
static size_t unfit(hexmcp_str text, size_t at, const char **instead)
{
    const char *p = text.ptr + at;
    size_t left = text.len - at;
    *instead = "\xEF\xBF\xBD";
    if (*p == '\0')
        return 1;
    if (left >= 3 && p[0] == '\xEF' && p[1] == '\xBF' && (p[2] == '\xBE' || p[2] == '\xBF'))
        return 3;
    *instead = "_x005F_";
    return left >= 7 && p[0] == '_' && p[1] == 'x' && p[6] == '_' && strspn(p + 2, HEX) >= 4 ? 1 : 0;
}

/* Into s->text, as a workbook holds it. */
static bool copy(struct sheet *s, hexmcp_str text)
{
    const char *instead;
    size_t from = 0, n;
    bool ok = bytes_add(&s->text, "", 0);
    s->text.len = 0;
    for (size_t at = 0; ok && at < text.len; at += n ? n : 1) {
        n = unfit(text, at, &instead);
        if (n == 0)
            continue;
        ok = bytes_add(&s->text, text.ptr + from, at - from) &&
             bytes_add(&s->text, instead, strlen(instead));
        from = at + n;
    }
    return ok && bytes_add(&s->text, text.ptr + from, text.len - from);
}

static int32_t put_text(struct sheet *s, lxw_col_t column, hexmcp_str text, hexmcp_error *err)
{
    if (units(text) > CELL_MOST)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "row %u of the column \"%.100s\" has more than %d characters, the most of a cell "
                           "in Excel; leave the column out with options.columns, or choose "
                           "options.format csv",
                           s->rows, s->names[column].ptr, CELL_MOST);
    if (!s->workbook)
        return HEXMCP_OK;
    if (!copy(s, text))
        return no_memory(err);
    lxw_error why = worksheet_write_string(s->worksheet, s->rows, column, s->text.ptr, NULL);
    return why == LXW_NO_ERROR ? HEXMCP_OK : fail_write(s, why, err);
}

/* ---- values --------------------------------------------------------------------------------- */

static int number_at(hexmcp_str text, size_t at, size_t len)
{
    int number = 0;
    for (size_t i = at; i < at + len; i++)
        number = number * 10 + text.ptr[i] - '0';
    return number;
}

/* Excel has no zones, no leap seconds, and days from March 1900 on that all programs count alike. */
static bool read_moment(hexmcp_str text, enum value_type type, lxw_datetime *moment)
{
    char second[40] = "0";
    *moment = (lxw_datetime){
        .year = number_at(text, 0, 4), .month = number_at(text, 5, 2), .day = number_at(text, 8, 2)};
    if (moment->year < 1900 || (moment->year == 1900 && moment->month < 3))
        return false;
    if (type == VALUE_DATE)
        return true;
    moment->hour = number_at(text, 11, 2);
    moment->min = number_at(text, 14, 2);
    if (text.len > 16 && (text.ptr[16] != ':' || text.len - 17 >= sizeof(second)))
        return false;
    if (text.len > 17) {
        memcpy(second, text.ptr + 17, text.len - 17);
        second[text.len - 17] = '\0';
    }
    if (strspn(second, "0123456789.") != strlen(second))
        return false;
    moment->sec = strtod(second, NULL);
    return moment->sec < 60;
}

/* Whether Excel holds the number with all its digits, or it is no whole one. */
static bool holds(hexmcp_str text, enum value_type type)
{
    size_t sign = strchr("+-", text.ptr[0]) != NULL;
    return type != VALUE_INTEGER || text.len - sign <= DIGITS_MOST;
}

/* *done is false if the value is to be a text. */
static lxw_error put_value(struct sheet *s, lxw_col_t column, hexmcp_str text, enum value_type wanted,
                           bool *done)
{
    enum value_type type = value_type_of(text);
    double number;
    lxw_datetime moment;
    *done = true;
    if (type == VALUE_EMPTY)
        return LXW_NO_ERROR;
    if (type == VALUE_BOOLEAN && wanted == VALUE_BOOLEAN)
        return worksheet_write_boolean(s->worksheet, s->rows, column, text.len == 4, NULL);
    if ((type == VALUE_INTEGER || type == VALUE_NUMBER) &&
        (wanted == VALUE_INTEGER || wanted == VALUE_NUMBER) && holds(text, type) &&
        value_number(text, &number))
        return worksheet_write_number(s->worksheet, s->rows, column, number, NULL);
    if ((type == VALUE_DATE || type == VALUE_DATETIME) &&
        (wanted == VALUE_DATE || wanted == VALUE_DATETIME) && read_moment(text, type, &moment))
        return worksheet_write_datetime(s->worksheet, s->rows, column, &moment,
                                        type == VALUE_DATE ? s->day : s->moment);
    *done = false;
    return LXW_NO_ERROR;
}

static int32_t put_cell(struct sheet *s, lxw_col_t column, hexmcp_str text, const enum value_type *types,
                        hexmcp_error *err)
{
    bool done = text.len == 0;
    if (!done && types && s->workbook) {
        lxw_error why = put_value(s, column, text, types[column], &done);
        if (why != LXW_NO_ERROR)
            return fail_write(s, why, err);
    }
    return done ? HEXMCP_OK : put_text(s, column, text, err);
}

int32_t sheet_row(struct sheet *s, const hexmcp_str *fields, const enum value_type *types, hexmcp_error *err)
{
    int32_t status = HEXMCP_OK;
    if (s->rows == ROWS_MOST)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "there are more than %d rows, the most of a sheet in Excel with its header; use "
                           "options.filter, or choose options.format csv",
                           ROWS_MOST - 1);
    for (size_t i = 0; i < s->columns && status == HEXMCP_OK; i++)
        status = put_cell(s, (lxw_col_t)i, fields[i], types, err);
    s->rows++;
    return status;
}

/* ---- the workbook --------------------------------------------------------------------------- */

/* The library opens files by their paths: the one that is open already, and others beside it, which have
 * no name for longer than a moment. */
static int32_t make(struct sheet *s, hexmcp_error *err)
{
    char path[40];
    snprintf(s->place, sizeof(s->place), "/proc/self/fd/%d", s->target->folder);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", s->target->fd);
    lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = s->place, .use_zip64 = LXW_TRUE};
    s->workbook = workbook_new_opt(path, &options);
    if (!s->workbook)
        return no_memory(err);
    s->worksheet = workbook_add_worksheet(s->workbook, NULL);
    s->day = workbook_add_format(s->workbook);
    s->moment = workbook_add_format(s->workbook);
    if (!s->worksheet)
        return fail_write(s, LXW_ERROR_CREATING_TMPFILE, err);
    if (!s->day || !s->moment)
        return no_memory(err);
    format_set_num_format(s->day, "yyyy-mm-dd");
    format_set_num_format(s->moment, "yyyy-mm-dd hh:mm:ss");
    worksheet_freeze_panes(s->worksheet, 1, 0);
    return HEXMCP_OK;
}

int32_t sheet_begin(struct target *target, const hexmcp_str *names, size_t columns, struct sheet **sheet,
                    hexmcp_error *err)
{
    if (columns > COLUMNS_MOST)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "there are more than %d columns, the most of a sheet in Excel; choose some with "
                           "options.columns",
                           COLUMNS_MOST);
    struct sheet *s = calloc(1, sizeof(*s));
    if (!s)
        return no_memory(err);
    *s = (struct sheet){.target = target, .names = names, .columns = columns};
    *sheet = s;
    int32_t status = target->rehearsed ? HEXMCP_OK : make(s, err);
    return status == HEXMCP_OK ? sheet_row(s, names, NULL, err) : status;
}

int32_t sheet_end(struct sheet *s, uint64_t *bytes, hexmcp_error *err)
{
    struct stat about;
    lxw_workbook *workbook = s->workbook;
    if (!workbook)
        return HEXMCP_OK;
    s->workbook = NULL;
    lxw_error why = workbook_close(workbook);
    if (why != LXW_NO_ERROR || fstat(s->target->fd, &about) != 0)
        return fail_write(s, why, err);
    *bytes = (uint64_t)about.st_size;
    return HEXMCP_OK;
}

void sheet_free(struct sheet *s)
{
    if (!s)
        return;
    lxw_workbook_free(s->workbook);
    bytes_free(&s->text);
    free(s);
}
