/* Graphs of values made JSON; those that lead back to themselves are refused with the path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/state/value_path.h"

struct node {
    enum graph_kind kind;
    int64_t number;
    const char *keys[3];
    const struct node *children[3];
};

static enum graph_kind kind(void *ctx, const void *node)
{
    (void)ctx;
    return ((const struct node *)node)->kind;
}

static bool child(void *ctx, const void *node, size_t index, const void **out, struct str *key)
{
    const struct node *n = node;
    (void)ctx;
    if (index == 3 || !n->children[index])
        return false;
    *out = n->children[index];
    *key = str_from(n->keys[index]);
    return true;
}

static void scalar(void *ctx, const void *node, struct json_writer *out)
{
    (void)ctx;
    json_write_i64(out, ((const struct node *)node)->number);
}

static const struct value_graph graph = {NULL, kind, child, scalar};

static void written(const struct node *root, const char *expected)
{
    struct buffer out = BUFFER_INIT;
    struct error err;
    if (value_write(&graph, root, &out, &err)) {
        assert_int_equal(err.code, ST_INVALID);
        assert_string_equal(err.text, expected);
    } else {
        buffer_add_char(&out, '\0');
        assert_string_equal(out.data, expected);
    }
    buffer_clear(&out);
}

static const struct node one = {GRAPH_SCALAR, 1, {0}, {0}};

static void trees_are_written(void **state)
{
    (void)state;
    const struct node list = {GRAPH_ARRAY, 0, {0}, {&one, &one}};
    const struct node root = {GRAPH_OBJECT, 0, {"a", "b c"}, {&list, &list}};
    written(&one, "1");
    written(&list, "[1,1]");
    /* The same value twice is no circle. */
    written(&root, "{\"a\":[1,1],\"b c\":[1,1]}");
}

static void circles_are_named(void **state)
{
    (void)state;
    struct node b = {GRAPH_OBJECT, 0, {"x", "up"}, {&one, NULL}};
    struct node a = {GRAPH_OBJECT, 0, {"b"}, {&b}};
    struct node root = {GRAPH_OBJECT, 0, {"n", "a"}, {&one, &a}};
    b.children[1] = &a;
    written(&root, "the value at root.a.b.up leads back to root.a");
    b.children[1] = &root;
    written(&root, "the value at root.a.b.up leads back to root");
    struct node list = {GRAPH_ARRAY, 0, {0}, {&one, NULL}};
    list.children[1] = &list;
    written(&list, "the value at root[1] leads back to root");
    const struct node odd = {GRAPH_OBJECT, 0, {"a.b"}, {&list}};
    written(&odd, "the value at root[\"a.b\"][1] leads back to root[\"a.b\"]");
}

static void depth_is_bounded(void **state)
{
    static struct node nodes[JSON_MAX_DEPTH + 1];
    (void)state;
    for (int i = 0; i < JSON_MAX_DEPTH; i++)
        nodes[i] = (struct node){GRAPH_ARRAY, 0, {0}, {&nodes[i + 1]}};
    nodes[JSON_MAX_DEPTH] = one;
    struct buffer out = BUFFER_INIT;
    assert_int_equal(value_write(&graph, nodes, &out, NULL), ST_OK);
    buffer_clear(&out);
    nodes[JSON_MAX_DEPTH].kind = GRAPH_ARRAY;
    written(nodes, "the value is nested deeper than 128 levels");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_are_written),
        cmocka_unit_test(circles_are_named),
        cmocka_unit_test(depth_is_bounded),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
