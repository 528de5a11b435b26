/*
 * readable.h - what a page says, as text or Markdown.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/bytes.h"
#include "web-kit/html.h"

struct readable {
    bool markdown;     /* else plain text */
    bool main_only;    /* without navigation, footers and asides */
    bool with_hidden;  /* also what people do not see */
};

/* What came of it; readable_free() is due after HEXMCP_OK. */
struct reading {
    struct bytes text; /* UTF-8 as far as the page was; "" if there is none */
    size_t hidden_elements;
    size_t hidden_characters;
};

/* Where the content is: main, or the one article, or body. */
myhtml_tree_node_t *readable_main(const struct html *html);

/* The text of `top` and what is below it. */
int32_t readable_write(struct pace *pace, const struct html *html, myhtml_tree_node_t *top,
                       const struct readable *how, struct reading *reading);
void readable_free(struct reading *reading);
