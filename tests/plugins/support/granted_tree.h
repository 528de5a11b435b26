/* A fresh folder in /tmp that plugins reach through hexmcp.files/1 as the real host opens files:
 *
 *   T/w   granted for writing, the first, so relative paths are below it
 *   T/r   granted for reading
 *   T/o   not granted
 */
#pragma once

#include <sys/types.h>

#include "tests/plugins/support/asserts.h"

/* Makes the tree, loads plugin `id` with `config` and offers it the files. One at a time. */
void tree_begin(hexmcp_fake_plugin *p, const char *id, const char *config);

/* Unloads the plugin and removes the tree. */
void tree_end(hexmcp_fake_plugin *p);

/* The path of T/`below`, in one of eight buffers. */
const char *tree_path(const char *below);

void tree_put(const char *below, const char *content);
void tree_put_bytes(const char *below, const char *bytes, size_t len);
void tree_folder(const char *below);
void tree_link(const char *target, const char *below);

/* Compares the content of the file, and its rights if `mode` is not 0. */
void assert_file(const char *below, const char *content, mode_t mode);
void assert_gone(const char *below);

/* As assert_result, but every time in the result stands as TIME and every path of the tree as T. */
void assert_told(hexmcp_fake_plugin *p, const char *tool, const char *args, const char *json);

/* As assert_error, with T in `text` for the tree. */
void assert_refused(hexmcp_fake_plugin *p, const char *tool, const char *args, int32_t code,
                    const char *text);
