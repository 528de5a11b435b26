#include "tests/plugins/support/granted_tree.h"

#include <ctype.h>
#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/driven/files/files.h"
#include "core/base/error.h"
#include "core/base/str.h"
#include "hexmcp/host/files.h"

static char top[40];
static struct path_grant granted[2];
static const struct path_grants grants = {.at = granted, .count = 2};

static int32_t tell(int status, const struct error *err, hexmcp_error *out)
{
    if (status != 0 && out) {
        out->code = status;
        snprintf(out->text, sizeof(out->text), "%s", err->text);
    }
    return status;
}

static int32_t open_path(void *ctx, hexmcp_call call, hexmcp_str path, uint32_t flags, int32_t *fd,
                         hexmcp_error *out)
{
    const struct files_port *port = files_port();
    struct error err;
    (void)ctx;
    assert_int_not_equal(call, 0);
    int status = port->open(port->ctx, &grants, (struct str){path.ptr, path.len}, flags, fd, &err);
    return tell(status, &err, out);
}

static int32_t open_parent(void *ctx, hexmcp_call call, hexmcp_str path, uint32_t access,
                           int32_t *fd, char *name, hexmcp_error *out)
{
    const struct files_port *port = files_port();
    struct error err;
    (void)ctx;
    assert_int_not_equal(call, 0);
    int status =
        port->parent(port->ctx, &grants, (struct str){path.ptr, path.len}, access, fd, name, &err);
    return tell(status, &err, out);
}

static const hexmcp_files_1 files = {
    .size = sizeof(files), .open = open_path, .parent = open_parent};

void tree_begin(hexmcp_fake_plugin *p, const char *id, const char *config)
{
    snprintf(top, sizeof(top), "/tmp/hexmcp-tree-XXXXXX");
    assert_non_null(mkdtemp(top));
    tree_folder("w");
    tree_folder("r");
    tree_folder("o");
    static char folders[2][80];
    for (size_t i = 0; i < 2; i++) {
        snprintf(folders[i], sizeof(folders[i]), "%s/%s", top, i == 0 ? "w" : "r");
        granted[i] = (struct path_grant){
            .folder = str_from(folders[i]), .real = str_from(folders[i]), .write = i == 0};
    }
    plugin_load(p, id, config);
    hexmcp_fake_offer(p->fake, HEXMCP_FILES_1, &files);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    return remove(path);
}

void tree_end(hexmcp_fake_plugin *p)
{
    hexmcp_fake_unload(p);
    assert_int_equal(nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

const char *tree_path(const char *below)
{
    static char texts[8][600];
    static unsigned next;
    char *text = texts[next++ % 8];
    snprintf(text, sizeof(texts[0]), "%s/%s", top, below);
    return text;
}

void tree_put_bytes(const char *below, const char *bytes, size_t len)
{
    FILE *file = fopen(tree_path(below), "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

void tree_put(const char *below, const char *content)
{
    tree_put_bytes(below, content, strlen(content));
}

void tree_folder(const char *below)
{
    assert_int_equal(mkdir(tree_path(below), 0755), 0);
}

void tree_link(const char *target, const char *below)
{
    assert_int_equal(symlink(target, tree_path(below)), 0);
}

void assert_file(const char *below, const char *content, mode_t mode)
{
    char text[4096];
    struct stat st;
    FILE *file = fopen(tree_path(below), "r");
    if (!file)
        fail_msg("%s: %s", below, strerror(errno));
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    assert_int_equal(fstat(fileno(file), &st), 0);
    fclose(file);
    assert_string_equal(text, content);
    if (mode)
        assert_int_equal(st.st_mode & 07777, mode);
}

void assert_gone(const char *below)
{
    struct stat st;
    assert_int_equal(lstat(tree_path(below), &st), -1);
    assert_int_equal(errno, ENOENT);
}

/* Is there a time at `text`? */
static int is_time(const char *text)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd.dddddddddZ";
    for (size_t i = 0; form[i]; i++)
        if (form[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
            return 0;
    return (int)sizeof(form) - 1;
}

/* In place, as it only gets shorter: the tree's path becomes "T", a time "TIME". */
static void mask(char *text)
{
    char *to = text;
    size_t top_len = strlen(top);
    while (*text) {
        int len = is_time(text);
        if (len > 0) {
            memcpy(to, "TIME", 4);
            to += 4;
            text += len;
        } else if (strncmp(text, top, top_len) == 0) {
            *to++ = 'T';
            text += top_len;
        } else {
            *to++ = *text++;
        }
    }
    *to = '\0';
}

void assert_told(hexmcp_fake_plugin *p, const char *tool, const char *args, const char *json)
{
    hexmcp_fake_answer answer;
    plugin_run(p, tool, args, strlen(args), &answer);
    if (answer.status < 0)
        fail_msg("%s %s: %s", tool, args, answer.error.text);
    assert_int_equal(answer.outcome, HEXMCP_RESULT);
    mask(answer.json);
    assert_string_equal(answer.json, json);
    hexmcp_fake_answer_free(&answer);
}

void assert_refused(hexmcp_fake_plugin *p, const char *tool, const char *args, int32_t code,
                    const char *text)
{
    hexmcp_fake_answer answer;
    plugin_run(p, tool, args, strlen(args), &answer);
    if (answer.status >= 0)
        fail_msg("%s %s: no error but %s", tool, args, answer.json);
    mask(answer.error.text);
    assert_string_equal(answer.error.text, text);
    assert_int_equal(answer.status, code);
    hexmcp_fake_answer_free(&answer);
}
