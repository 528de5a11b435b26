/* Inside of core/json: the index into the text, and how two strings in it compare. */
#pragma once

#include "core/json/json.h"

/* One value. The children of a container follow it; in an object keys and values alternate. */
struct json_node {
    uint32_t start; /* first byte in the text                                     */
    uint32_t end;   /* one past the last byte                                     */
    uint32_t next;  /* index of the node after this value and all that is in it   */
    uint32_t count : 24;
    uint32_t type : 4; /* enum json_type                                          */
    uint32_t escaped : 1; /* string with a backslash                              */
    uint32_t integer : 1; /* number without fraction and exponent                 */
    uint32_t truth : 1;   /* the bool is true                                     */
};

struct json_doc {
    const char *text;
    char *owned; /* the text, if the document frees it */
    struct json_node *nodes;
    uint32_t count;
};

/* Byte order of the decoded texts of two string nodes: negative, 0, positive. */
int document_compare_strings(const char *text_a, const struct json_node *a, const char *text_b,
                             const struct json_node *b);

bool document_same_string(const char *text_a, const struct json_node *a, const char *text_b,
                          const struct json_node *b);
