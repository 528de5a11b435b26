/*
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>

#include "mariadb.h"

#define BINARY 63 /* the number of the character set of bytes */

const char *maria_type(const MYSQL_FIELD *f)
{
    bool bytes = f->charsetnr == BINARY, positive = f->flags & UNSIGNED_FLAG;
    switch (f->type) {
    case MYSQL_TYPE_TINY:
        return positive ? "tinyint unsigned" : "tinyint";
    case MYSQL_TYPE_SHORT:
        return positive ? "smallint unsigned" : "smallint";
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
        return positive ? "int unsigned" : "int";
    case MYSQL_TYPE_LONGLONG:
        return positive ? "bigint unsigned" : "bigint";
    case MYSQL_TYPE_YEAR:
        return "year";
    case MYSQL_TYPE_FLOAT:
        return "float";
    case MYSQL_TYPE_DOUBLE:
        return "double";
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL:
        return "decimal";
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE:
        return "date";
    case MYSQL_TYPE_TIME:
    case MYSQL_TYPE_TIME2:
        return "time";
    case MYSQL_TYPE_DATETIME:
    case MYSQL_TYPE_DATETIME2:
        return "datetime";
    case MYSQL_TYPE_TIMESTAMP:
    case MYSQL_TYPE_TIMESTAMP2:
        return "timestamp";
    case MYSQL_TYPE_BIT:
        return "bit";
    case MYSQL_TYPE_JSON:
        return "json";
    case MYSQL_TYPE_GEOMETRY:
        return "geometry";
    case MYSQL_TYPE_NULL:
        return "null";
    case MYSQL_TYPE_TINY_BLOB:
    case MYSQL_TYPE_MEDIUM_BLOB:
    case MYSQL_TYPE_LONG_BLOB:
    case MYSQL_TYPE_BLOB:
        return bytes ? "blob" : "text";
    default:
        return bytes ? "varbinary" : "varchar";
    }
}

static bool is_whole(const MYSQL_FIELD *f)
{
    return f->type == MYSQL_TYPE_TINY || f->type == MYSQL_TYPE_SHORT || f->type == MYSQL_TYPE_INT24 ||
           f->type == MYSQL_TYPE_LONG || f->type == MYSQL_TYPE_LONGLONG || f->type == MYSQL_TYPE_YEAR;
}

static void put_whole(struct rows *rows, const MYSQL_FIELD *f, const char *text)
{
    unsigned long long large = strtoull(text, NULL, 10);
    if (f->flags & UNSIGNED_FLAG && large > INT64_MAX)
        rows_text(rows, text, strlen(text));
    else
        rows_int64(rows, f->flags & UNSIGNED_FLAG ? (int64_t)large : strtoll(text, NULL, 10));
}

/* Timestamps are told in UTC, as the session has it. */
static void put_time(struct rows *rows, const MYSQL_FIELD *f, char *text)
{
    char out[64];
    if (strlen(text) >= 19 && text[10] == ' ')
        text[10] = 'T';
    snprintf(out, sizeof(out), "%.40s%s", text,
             f->type == MYSQL_TYPE_TIMESTAMP || f->type == MYSQL_TYPE_TIMESTAMP2 ? "Z" : "");
    rows_text(rows, out, strlen(out));
}

static void put_text(struct rows *rows, const MYSQL_FIELD *f, char *text, size_t len)
{
    switch (f->type) {
    case MYSQL_TYPE_DATETIME:
    case MYSQL_TYPE_DATETIME2:
    case MYSQL_TYPE_TIMESTAMP:
    case MYSQL_TYPE_TIMESTAMP2:
        put_time(rows, f, text);
        return;
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL:
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE:
    case MYSQL_TYPE_TIME:
    case MYSQL_TYPE_TIME2:
        rows_text(rows, text, len);
        return;
    default:
        if (f->charsetnr == BINARY)
            rows_bytes(rows, text, len);
        else
            rows_text(rows, text, len);
    }
}

/* 1.1 of four bytes is not 1.1 of eight: the fewest digits that tell which of four bytes it is. */
static double shortest(float value)
{
    char text[32];
    int digits = 6;
    do
        snprintf(text, sizeof(text), "%.*g", digits, (double)value);
    while (strtof(text, NULL) != value && digits++ < 9);
    return strtod(text, NULL);
}

static void put_double(struct rows *rows, MYSQL_STMT *statement, const MYSQL_FIELD *f, unsigned i)
{
    double value = 0;
    my_bool null = 0;
    MYSQL_BIND to = {.buffer_type = MYSQL_TYPE_DOUBLE, .buffer = &value, .is_null = &null,
                     .buffer_length = sizeof(value)};
    mysql_stmt_fetch_column(statement, &to, i, 0);
    rows_double(rows, f->type == MYSQL_TYPE_FLOAT ? shortest((float)value) : value);
}

static void put_cell(struct rows *rows, MYSQL_STMT *statement, const MYSQL_FIELD *f, unsigned i)
{
    unsigned long len = 0;
    my_bool null = 0, error = 0;
    char none[1];
    MYSQL_BIND to = {.buffer_type = MYSQL_TYPE_STRING, .buffer = none, .length = &len,
                     .is_null = &null, .error = &error};
    if (mysql_stmt_fetch_column(statement, &to, i, 0) != 0 || null) {
        rows_null(rows);
        return;
    }
    if (f->type == MYSQL_TYPE_FLOAT || f->type == MYSQL_TYPE_DOUBLE) {
        put_double(rows, statement, f, i);
        return;
    }
    char *text = malloc(len + 1);
    if (!text) {
        rows->out_of_memory = true;
        return;
    }
    to.buffer = text;
    to.buffer_length = len + 1;
    mysql_stmt_fetch_column(statement, &to, i, 0);
    text[len] = '\0';
    if (is_whole(f))
        put_whole(rows, f, text);
    else
        put_text(rows, f, text, len);
    free(text);
}

void maria_put_row(struct maria *m, MYSQL_STMT *statement, const MYSQL_FIELD *fields, unsigned count)
{
    if (!rows_row(&m->job->rows))
        return;
    for (unsigned i = 0; i < count; i++)
        put_cell(&m->job->rows, statement, &fields[i], i);
    rows_end_row(&m->job->rows);
}
