/*
 * tera_tree.h - a template of Tera as a tree of statements, and these of expressions.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "value.h"

enum expr_kind {
    EXPR_LITERAL,
    EXPR_NAME,
    EXPR_MEMBER, /* a.name, a[b] */
    EXPR_FILTER, /* a | name(arguments) */
    EXPR_TEST,   /* a is name(arguments) */
    EXPR_CALL,   /* name(arguments) */
    EXPR_LIST,   /* [arguments] */
    EXPR_UNARY,  /* name: "not" or "-" */
    EXPR_BINARY, /* name: the operator */
    EXPR_CHOICE  /* a if b else c */
};

struct argument {
    hexmcp_str name; /* empty: by its place */
    struct expr *value;
};

struct expr {
    enum expr_kind kind;
    unsigned line;
    struct value literal;
    hexmcp_str name;
    struct expr *a, *b, *c;
    struct argument *arguments;
    size_t count;
    bool negated; /* is not, not in */
};

enum statement_kind {
    STATEMENT_TEXT,
    STATEMENT_PRINT,
    STATEMENT_IF,
    STATEMENT_FOR,
    STATEMENT_SET,
    STATEMENT_FILTER,
    STATEMENT_BREAK,
    STATEMENT_CONTINUE
};

struct statement {
    enum statement_kind kind;
    unsigned line;
    struct statement *next;
    hexmcp_str text;         /* of text; of for and set the name */
    hexmcp_str key;          /* of for: the name of the key or index, or empty */
    bool is_global;          /* set_global */
    struct expr *expr;       /* what is printed, tested, gone through or set */
    struct statement *body, *other;
};

/* The tree; an error of the rendering if the template is broken. */
struct statement *tera_parse(struct render *render, hexmcp_str text);

/* ---- tera_expr.c ---- */

struct expr_reader {
    struct render *render;
    const char *at, *end;
    unsigned line;
};

/* The expression at `at`, which is behind it afterwards; NULL after an error. */
struct expr *expr_read(struct expr_reader *r);
/* A filter without its value. */
struct expr *expr_read_filter(struct expr_reader *r);
/* Whether the word or sign is next; then it is passed over. */
bool expr_take(struct expr_reader *r, const char *word);
/* A name; empty if there is none. */
hexmcp_str expr_name(struct expr_reader *r);
/* Whether nothing is left. */
bool expr_at_end(struct expr_reader *r);
void expr_fail(struct expr_reader *r, const char *why);
