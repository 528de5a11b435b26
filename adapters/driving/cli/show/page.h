/* Pages for people on stdout: paragraphs with an indent, broken to the width of a terminal. */
#pragma once

#include "core/base/buffer.h"
#include "core/json/json.h"

struct page {
    unsigned columns; /* 0: lines are as long as they are */
};

/* As wide as the terminal behind stdout. */
struct page page_open(void);

/* Prints the text, made plain, each of its lines behind `indent` blanks. */
void page_text(const struct page *page, unsigned indent, struct str text);

/* The same for the text of a JSON string; nothing if it is none. */
void page_string(const struct page *page, unsigned indent, struct json string);

/* A name in a column of `width`, and a text behind it, on one line, which a terminal cuts. */
void page_row(const struct page *page, struct str name, unsigned width, struct str text);
