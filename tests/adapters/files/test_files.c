/* Opening beneath granted folders, on a real tree:
 *
 *   T/proj/           granted for writing
 *       file  sub/deep  link-in -> sub  link-out -> ../secret  dir-out -> ..  up -> /  magic -> /proc/self/root
 *       pipe  socket  twice (hard link of T/secret)  nowhere -> missing
 *   T/docs/file       granted for reading
 *   T/secret
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "adapters/driven/files/files.h"
#include "core/base/str.h"

static char tree[64], proj[80], docs[80];
static struct path_grant granted[2];
static struct path_grants grants;

/* T/`below`, in one of four buffers. */
static const char *in_tree(const char *below)
{
    static char texts[4][400];
    static unsigned next;
    char *text = texts[next++ % 4];
    snprintf(text, sizeof(texts[0]), "%s/%s", tree, below);
    return text;
}

static void put(const char *below, const char *content)
{
    FILE *file = fopen(in_tree(below), "w");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
}

static void put_link(const char *target, const char *below)
{
    assert_int_equal(symlink(target, in_tree(below)), 0);
}

static void put_socket(const char *below)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", tree, below);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    close(fd);
}

static int make_tree(void **state)
{
    (void)state;
    strcpy(tree, "/tmp/hexmcp-files-XXXXXX");
    assert_non_null(mkdtemp(tree));
    mkdir(in_tree("proj"), 0755);
    mkdir(in_tree("proj/sub"), 0755);
    mkdir(in_tree("docs"), 0755);
    put("secret", "secret");
    put("proj/file", "content");
    put("proj/sub/deep", "deep");
    put("docs/file", "docs");
    put_link("sub", "proj/link-in");
    put_link("../secret", "proj/link-out");
    put_link("..", "proj/dir-out");
    put_link("/", "proj/up");
    put_link("/proc/self/root", "proj/magic");
    put_link("missing", "proj/nowhere");
    put_socket("proj/socket");
    assert_int_equal(mkfifo(in_tree("proj/pipe"), 0644), 0);
    assert_int_equal(link(in_tree("secret"), in_tree("proj/twice")), 0);
    snprintf(proj, sizeof(proj), "%s/proj", tree);
    snprintf(docs, sizeof(docs), "%s/docs", tree);
    granted[0] = (struct path_grant){str_from(proj), str_from(proj), STR(""), true};
    granted[1] = (struct path_grant){str_from(docs), str_from(docs), STR(""), false};
    grants = (struct path_grants){granted, 2, false, false, 0};
    return 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static int remove_tree(void **state)
{
    (void)state;
    return nftw(tree, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static int try_open(const char *path, unsigned flags, int *fd, struct error *err)
{
    return files_port()->open(NULL, &grants, str_from(path), flags, fd, err);
}

static void reads(const char *path, const char *want)
{
    char text[100] = "";
    struct error err = {0};
    int fd = -1;
    if (try_open(path, FILES_READ, &fd, &err))
        fail_msg("%s: %s", path, err.text);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(read(fd, text, sizeof(text) - 1), strlen(want));
    assert_string_equal(text, want);
    close(fd);
}

/* `why` with T for the tree. */
static void is_error(int rc, int fd, const struct error *err, int code, const char *why)
{
    char text[1000] = "";
    for (const char *c = why; *c; c++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), *c == '@' ? "%s" : "%.1s",
                 *c == '@' ? tree : c);
    assert_string_equal(err->text, text);
    assert_int_equal(rc, code);
    assert_int_equal(fd, -7);
}

static void refuses(const char *path, unsigned flags, int code, const char *why)
{
    struct error err = {0};
    int fd = -7, rc = try_open(path, flags, &fd, &err);
    is_error(rc, fd, &err, code, why);
}

static void test_reading(void **state)
{
    (void)state;
    reads(in_tree("proj/file"), "content");
    reads(in_tree("proj/sub/deep"), "deep");
    reads(in_tree("proj//sub/.././sub/deep"), "deep");
    reads(in_tree("proj/link-in/deep"), "deep");
    reads(in_tree("docs/file"), "docs");
    reads("file", "content");
    reads("link-in/deep", "deep");
    reads("sub/../file", "content");
}

static void test_writing(void **state)
{
    (void)state;
    struct stat st;
    int fd = -1;
    umask(022);
    assert_int_equal(try_open("new", FILES_WRITE | FILES_CREATE | FILES_EXCLUSIVE, &fd, NULL), 0);
    assert_int_equal(write(fd, "abc", 3), 3);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0644);
    close(fd);
    assert_int_equal(try_open("new", FILES_WRITE | FILES_APPEND, &fd, NULL), 0);
    assert_int_equal(write(fd, "def", 3), 3);
    close(fd);
    reads("new", "abcdef");
    assert_int_equal(try_open("new", FILES_WRITE | FILES_CREATE | FILES_TRUNCATE, &fd, NULL), 0);
    close(fd);
    reads("new", "");
    refuses("new", FILES_WRITE | FILES_CREATE | FILES_EXCLUSIVE, ST_INVALID, "new exists already");
    refuses("absent/new", FILES_WRITE | FILES_CREATE, ST_NOT_FOUND, "absent/new does not exist");
    unlink(in_tree("proj/new"));
}

static void test_what_is_not_there_or_is_something_else(void **state)
{
    (void)state;
    refuses("absent", FILES_READ, ST_NOT_FOUND, "absent does not exist");
    refuses("sub", FILES_READ, ST_INVALID, "sub is a folder, not a file");
    refuses("file", FILES_READ | FILES_DIRECTORY, ST_INVALID, "file is a file, not a folder");
    refuses("file/deep", FILES_READ, ST_INVALID,
            "file/deep goes through something that is not a folder, or is none");
    refuses("nowhere", FILES_READ, ST_NOT_FOUND, "nowhere does not exist");
    refuses("nowhere", FILES_WRITE | FILES_CREATE, ST_BUSY,
            "nowhere is a link that leads nowhere, or keeps changing");
    refuses("", FILES_READ, ST_INVALID, "the path is empty");
}

static void test_paths_outside(void **state)
{
    (void)state;
    refuses(in_tree("secret"), FILES_READ, ST_DENIED,
            "@/secret is in no granted folder; granted: @/proj, @/docs");
    refuses(in_tree("proj/../secret"), FILES_READ, ST_DENIED,
            "@/secret is in no granted folder; granted: @/proj, @/docs");
    refuses(in_tree("workshop"), FILES_READ, ST_DENIED,
            "@/workshop is in no granted folder; granted: @/proj, @/docs");
    refuses("/etc/passwd", FILES_READ, ST_DENIED,
            "/etc/passwd is in no granted folder; granted: @/proj, @/docs");
    refuses("../secret", FILES_READ, ST_DENIED,
            "\"../secret\" leads above the folder that it begins in");
    refuses("sub/../../secret", FILES_READ, ST_DENIED,
            "\"sub/../../secret\" leads above the folder that it begins in");
    refuses("~/file", FILES_READ, ST_NOT_FOUND, "~/file does not exist");
}

static void test_links_out(void **state)
{
    (void)state;
    refuses("link-out", FILES_READ, ST_DENIED,
            "link-out leads out of the granted folder @/proj through a link; links are followed "
            "inside of it only");
    refuses("link-out", FILES_WRITE | FILES_CREATE | FILES_TRUNCATE, ST_DENIED,
            "link-out leads out of the granted folder @/proj through a link; links are followed "
            "inside of it only");
    refuses("dir-out/secret", FILES_READ, ST_DENIED,
            "dir-out/secret leads out of the granted folder @/proj through a link; links are "
            "followed inside of it only");
    refuses("up/etc/passwd", FILES_READ, ST_DENIED,
            "up/etc/passwd leads out of the granted folder @/proj through a link; links are "
            "followed inside of it only");
    refuses("magic/etc/passwd", FILES_READ, ST_DENIED,
            "magic/etc/passwd leads out of the granted folder @/proj through a link; links are "
            "followed inside of it only");
}

static void test_kinds_that_are_refused(void **state)
{
    (void)state;
    refuses("pipe", FILES_READ, ST_DENIED, "pipe is a pipe; only files and folders may be opened");
    refuses("pipe", FILES_WRITE, ST_DENIED, "pipe is a pipe; only files and folders may be opened");
    refuses("socket", FILES_READ, ST_DENIED,
            "socket is a socket; only files and folders may be opened");
}

static void test_hard_links(void **state)
{
    (void)state;
    refuses("twice", FILES_READ, ST_DENIED,
            "twice has 2 names (hard links), and others may be outside of the granted folders; "
            "grants.hard_links lets such files be opened");
    refuses("twice", FILES_WRITE | FILES_TRUNCATE, ST_DENIED,
            "twice has 2 names (hard links), and others may be outside of the granted folders; "
            "grants.hard_links lets such files be opened");
    grants.hard_links = true;
    reads("twice", "secret");
}

static void use(const char *folder, struct path_grants *all, struct path_grant *one)
{
    *one = (struct path_grant){str_from(folder), str_from(folder), STR(""), true};
    *all = (struct path_grants){one, 1, false, false, 0};
    grants = *all;
}

static void test_devices_and_files_of_the_kernel(void **state)
{
    (void)state;
    struct path_grants all;
    struct path_grant one;
    use("/", &all, &one);
    refuses("/dev/zero", FILES_READ, ST_DENIED,
            "/dev/zero is a device; only files and folders may be opened");
    refuses("/proc/self/environ", FILES_READ, ST_DENIED,
            "/proc/self/environ is part of a file system of the kernel; only files and folders may "
            "be opened");
    refuses("/proc/self/root/etc/passwd", FILES_READ, ST_DENIED,
            "/proc/self/root/etc/passwd goes through too many links, or through one of /proc");
    refuses("/proc", FILES_READ | FILES_DIRECTORY, ST_DENIED,
            "/proc is part of a file system of the kernel; only files and folders may be opened");
}

static void test_reading_alone(void **state)
{
    (void)state;
    const char *file = in_tree("docs/file");
    refuses(file, FILES_WRITE, ST_DENIED,
            "@/docs/file may be read but not changed: @/docs is granted for reading. --allow-write "
            "or grants.write grants more");
    refuses(file, FILES_READ | FILES_WRITE, ST_DENIED,
            "@/docs/file may be read but not changed: @/docs is granted for reading. --allow-write "
            "or grants.write grants more");
}

static void test_without_grants(void **state)
{
    (void)state;
    grants.count = 0;
    refuses("/etc/passwd", FILES_READ, ST_DENIED,
            "no file may be opened: no folder is granted. Start hexmcp with --allow-read FOLDER or "
            "--allow-write FOLDER, or set grants.read or grants.write in its configuration");
    grants.narrowed = true;
    refuses("/etc/passwd", FILES_READ, ST_DENIED,
            "no file may be opened: none of the client's roots is in a granted folder. Grant the "
            "folder that the client works in, for example with --allow-write FOLDER, or set "
            "grants.client_roots to \"ignore\"");
}

static void test_part_of_a_folder(void **state)
{
    (void)state;
    granted[0].beneath = STR("sub");
    grants.narrowed = true;
    reads(in_tree("proj/sub/deep"), "deep");
    reads("deep", "deep");
    refuses(in_tree("proj/file"), FILES_READ, ST_DENIED,
            "@/proj/file is in no granted folder that is also a root of the client; granted: "
            "@/proj/sub, @/docs");
    refuses(in_tree("proj/subway"), FILES_READ, ST_DENIED,
            "@/proj/subway is in no granted folder that is also a root of the client; granted: "
            "@/proj/sub, @/docs");
    granted[0].beneath = STR("dir-out");
    refuses(in_tree("proj/dir-out/secret"), FILES_READ, ST_DENIED,
            "the granted folder @/proj leads out of the granted folder @/proj through a link; "
            "links are followed inside of it only");
}

static void test_the_widest_folder_counts(void **state)
{
    (void)state;
    const char *sub = in_tree("proj/sub");
    put_link("../file", "proj/sub/to-file");
    granted[1] = (struct path_grant){str_from(sub), str_from(sub), STR(""), true};
    reads(in_tree("proj/sub/to-file"), "content");
    granted[1].write = false;
    int fd = -1;
    assert_int_equal(try_open(in_tree("proj/sub/deep"), FILES_WRITE, &fd, NULL), ST_OK);
    close(fd);
}

static void test_a_folder_with_another_name(void **state)
{
    (void)state;
    const char *alias = in_tree("alias");
    put_link("proj", "alias");
    granted[0].folder = str_from(alias);
    reads(in_tree("alias/file"), "content");
    reads(in_tree("proj/file"), "content");
}

static void refuses_parent(const char *path, unsigned access, int code, const char *why)
{
    struct error err = {0};
    char name[FILES_NAME_MAX + 1];
    int fd = -7;
    int rc = files_port()->parent(NULL, &grants, str_from(path), access, &fd, name, &err);
    is_error(rc, fd, &err, code, why);
}

static void test_parents(void **state)
{
    (void)state;
    char name[FILES_NAME_MAX + 1], longer[300];
    struct stat st, want;
    int fd = -1;
    const struct files_port *port = files_port();
    assert_int_equal(port->parent(NULL, &grants, STR("sub/fresh/"), FILES_WRITE, &fd, name, NULL), 0);
    assert_string_equal(name, "fresh");
    fstat(fd, &st);
    close(fd);
    stat(in_tree("proj/sub"), &want);
    assert_int_equal(st.st_ino, want.st_ino);
    assert_int_equal(port->parent(NULL, &grants, str_from(in_tree("docs/x")), FILES_READ, &fd, name,
                                  NULL), 0);
    close(fd);
    refuses_parent(in_tree("docs/x"), FILES_WRITE, ST_DENIED,
                   "@/docs/x may be read but not changed: @/docs is granted for reading. "
                   "--allow-write or grants.write grants more");
    refuses_parent(proj, FILES_WRITE, ST_DENIED,
                   "@/proj is the granted folder itself, which can be neither changed nor named as "
                   "an entry");
    refuses_parent("dir-out/x", FILES_WRITE, ST_DENIED,
                   "dir-out/x leads out of the granted folder @/proj through a link; links are "
                   "followed inside of it only");
    refuses_parent("file/x", FILES_WRITE, ST_INVALID, "file/x is a file, not a folder");
    memset(longer, 'n', sizeof(longer));
    assert_int_equal(port->parent(NULL, &grants, (struct str){longer, 256}, FILES_READ, &fd, name,
                                  NULL), ST_INVALID);
    assert_int_equal(port->parent(NULL, &grants, (struct str){longer, 255}, FILES_READ, &fd, name,
                                  NULL), ST_OK);
    close(fd);
}

static void test_flags(void **state)
{
    (void)state;
    static const unsigned bad[] = {0, FILES_CREATE, FILES_READ | FILES_CREATE,
                                   FILES_READ | FILES_TRUNCATE, FILES_WRITE | FILES_EXCLUSIVE,
                                   FILES_DIRECTORY, FILES_WRITE | FILES_DIRECTORY, 129};
    char want[80];
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(want, sizeof(want), "flags 0x%x of hexmcp.files/1 do not fit together", bad[i]);
        refuses("file", bad[i], ST_INVALID, want);
    }
}

/* Somebody swaps a folder and a link out as fast as they can: what comes back is never the secret. */
static atomic_bool swapping;

static void *swap(void *arg)
{
    (void)arg;
    const char *path = in_tree("proj/swap");
    char link[100], folder[100], at[100];
    snprintf(at, sizeof(at), "%s", path);
    snprintf(link, sizeof(link), "%s-link", path);
    snprintf(folder, sizeof(folder), "%s-folder", path);
    while (swapping) {
        rename(at, folder);
        rename(link, at);
        rename(at, link);
        rename(folder, at);
    }
    return NULL;
}

static void check_read(const char *path, unsigned *good)
{
    char text[20] = "";
    int fd = -1;
    if (try_open(path, FILES_READ, &fd, NULL))
        return;
    assert_true(read(fd, text, sizeof(text) - 1) > 0);
    assert_string_equal(text, "inside");
    close(fd);
    ++*good;
}

static void test_links_that_are_swapped(void **state)
{
    (void)state;
    unsigned good = 0;
    pthread_t thread;
    mkdir(in_tree("proj/swap"), 0755);
    put("proj/swap/secret", "inside");
    put_link("..", "proj/swap-link");
    mkdir(in_tree("proj/swap2"), 0755);
    swapping = true;
    assert_int_equal(pthread_create(&thread, NULL, swap, NULL), 0);
    for (int i = 0; i < 200000 && good < 20000; i++)
        check_read("swap/secret", &good);
    swapping = false;
    pthread_join(thread, NULL);
    assert_true(good > 0);
}

int main(void)
{
#define ON_TREE(test) cmocka_unit_test_setup_teardown(test, make_tree, remove_tree)
    const struct CMUnitTest tests[] = {
        ON_TREE(test_reading),
        ON_TREE(test_writing),
        ON_TREE(test_what_is_not_there_or_is_something_else),
        ON_TREE(test_paths_outside),
        ON_TREE(test_links_out),
        ON_TREE(test_kinds_that_are_refused),
        ON_TREE(test_hard_links),
        ON_TREE(test_devices_and_files_of_the_kernel),
        ON_TREE(test_reading_alone),
        ON_TREE(test_without_grants),
        ON_TREE(test_part_of_a_folder),
        ON_TREE(test_the_widest_folder_counts),
        ON_TREE(test_a_folder_with_another_name),
        ON_TREE(test_parents),
        ON_TREE(test_flags),
        ON_TREE(test_links_that_are_swapped),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
