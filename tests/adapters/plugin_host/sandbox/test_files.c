/* Files that a plugin without a grant must not reach. */
#include "tests/adapters/plugin_host/sandbox/stage.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <sys/inotify.h>

static int open_as(const char *path, int flags)
{
    int fd = open(path, flags, 0600);
    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static int read_passwd(const struct stage *stage)
{
    (void)stage;
    return open_as("/etc/passwd", O_RDONLY);
}

static int read_beside(const struct stage *stage)
{
    return open_as(stage->beside, O_RDONLY);
}

static int read_by_dots(const struct stage *stage)
{
    return open_as(stage_path(stage, "allowed/../beside.txt"), O_RDONLY);
}

static int follow_link_out(const struct stage *stage)
{
    return open_as(stage_path(stage, "allowed/out"), O_RDONLY);
}

static int read_by_openat2(const struct stage *stage)
{
    struct open_how how = {.flags = O_RDONLY};
    return TRY(syscall(SYS_openat2, AT_FDCWD, stage->beside, &how, sizeof(how)));
}

/* A descriptor that names a file without opening it, opened afterwards. */
static int reopen_place(const struct stage *stage)
{
    char path[64];
    int fd = open(stage->beside, O_PATH);
    if (fd < 0)
        return errno;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return open_as(path, O_RDONLY);
}

static int read_own_environment(const struct stage *stage)
{
    (void)stage;
    return open_as("/proc/self/environ", O_RDONLY);
}

static int read_own_memory(const struct stage *stage)
{
    (void)stage;
    return open_as("/proc/self/mem", O_RDWR);
}

static int read_victims_environment(const struct stage *stage)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/environ", (int)stage->victim);
    return open_as(path, O_RDONLY);
}

static int ask_where_victim_is(const struct stage *stage)
{
    char path[64], place[64];
    snprintf(path, sizeof(path), "/proc/%d/cwd", (int)stage->victim);
    return TRY(readlink(path, place, sizeof(place)));
}

static int read_through_victims_root(const struct stage *stage)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/root/etc/passwd", (int)stage->victim);
    return open_as(path, O_RDONLY);
}

static int read_first_process(const struct stage *stage)
{
    (void)stage;
    return open_as("/proc/1/environ", O_RDONLY);
}

static int read_first_processs_arguments(const struct stage *stage)
{
    (void)stage;
    return open_as("/proc/1/cmdline", O_RDONLY);
}

static int list(const char *path)
{
    DIR *folder = opendir(path);
    if (!folder)
        return errno;
    closedir(folder);
    return 0;
}

static int list_root(const struct stage *stage)
{
    (void)stage;
    return list("/");
}

static int list_around(const struct stage *stage)
{
    return list(stage->root);
}

static int write_beside(const struct stage *stage)
{
    return open_as(stage->beside, O_WRONLY);
}

static int make_beside(const struct stage *stage)
{
    return open_as(stage_path(stage, "new.txt"), O_WRONLY | O_CREAT);
}

static int make_in_tmp(const struct stage *stage)
{
    return open_as(stage_path(stage, "../"), O_TMPFILE | O_WRONLY);
}

static int write_in_read_folder(const struct stage *stage)
{
    return open_as(stage_path(stage, "allowed/hello.txt"), O_WRONLY);
}

static int make_in_read_folder(const struct stage *stage)
{
    return open_as(stage_path(stage, "allowed/new.txt"), O_WRONLY | O_CREAT);
}

static int empty_beside(const struct stage *stage)
{
    return TRY(truncate(stage->beside, 0));
}

static int empty_by_opening(const struct stage *stage)
{
    return open_as(stage_path(stage, "allowed/hello.txt"), O_RDONLY | O_TRUNC);
}

static int rename_out(const struct stage *stage)
{
    return TRY(rename(stage_path(stage, "writable/mine.txt"), stage_path(stage, "mine.txt")));
}

static int rename_in(const struct stage *stage)
{
    return TRY(rename(stage->beside, stage_path(stage, "writable/beside.txt")));
}

static int link_in(const struct stage *stage)
{
    return TRY(link(stage->beside, stage_path(stage, "writable/beside.txt")));
}

/* It would become writable there. */
static int link_from_read_folder(const struct stage *stage)
{
    return TRY(link(stage_path(stage, "allowed/hello.txt"), stage_path(stage, "writable/hello.txt")));
}

static int remove_beside(const struct stage *stage)
{
    return TRY(unlink(stage->beside));
}

static int remove_read_file(const struct stage *stage)
{
    return TRY(unlink(stage_path(stage, "allowed/hello.txt")));
}

static int make_folder(const struct stage *stage)
{
    return TRY(mkdir(stage_path(stage, "new"), 0700));
}

static int make_symbolic_link(const struct stage *stage)
{
    return TRY(symlink("/etc/passwd", stage_path(stage, "writable/link")));
}

static int make_pipe(const struct stage *stage)
{
    return TRY(mkfifo(stage_path(stage, "writable/pipe"), 0600));
}

static int change_mode(const struct stage *stage)
{
    return TRY(chmod(stage->beside, 0777));
}

static int change_mode_of_own(const struct stage *stage)
{
    int fd = open(stage_path(stage, "writable/mine.txt"), O_RDWR);
    return fd < 0 ? errno : TRY(fchmod(fd, 04777));
}

static int change_owner(const struct stage *stage)
{
    return TRY(chown(stage->beside, getuid(), getgid()));
}

static int change_times(const struct stage *stage)
{
    return TRY(utimensat(AT_FDCWD, stage->beside, NULL, 0));
}

static int set_attribute(const struct stage *stage)
{
    return TRY(setxattr(stage->beside, "user.hexmcp", "x", 1, 0));
}

static int read_attribute(const struct stage *stage)
{
    return getxattr(stage->beside, "user.hexmcp", NULL, 0) < 0 ? errno : 0;
}

static int watch_folder(const struct stage *stage)
{
    return TRY(inotify_add_watch(stage->pair[0], stage->root, IN_CREATE));
}

static int open_device(const struct stage *stage)
{
    (void)stage;
    return open_as("/dev/zero", O_RDONLY);
}

static int open_by_handle(const struct stage *stage)
{
    struct file_handle handle = {.handle_bytes = 0};
    return TRY(open_by_handle_at(stage->pair[0], &handle, O_RDONLY));
}

static int name_to_handle(const struct stage *stage)
{
    struct file_handle handle = {.handle_bytes = 0};
    int mount;
    return TRY(name_to_handle_at(AT_FDCWD, stage->beside, &handle, &mount, 0));
}

static int use_unkept_descriptor(const struct stage *stage)
{
    char byte;
    return TRY(pread(stage->secret, &byte, 1, 0));
}

#define MODE "tried to change the mode or the owner of a file"
#define ATTRIBUTE "tried to change the times or the attributes of a file"
#define NODE "tried to make a link, a device or a pipe in a folder"
#define HANDLE "tried to open a file by its handle"

static const struct attack attacks[] = {
    {"reading /etc/passwd", read_passwd, EACCES, NULL, 0, 1},
    {"reading a file beside the folder", read_beside, EACCES, NULL, 0, 1},
    {"reading it by ..", read_by_dots, EACCES, NULL, 0, 1},
    {"following a link out", follow_link_out, EACCES, NULL, 0, 1},
    {"reading it by openat2", read_by_openat2, EACCES, NULL, 0, 1},
    {"reopening a place through /proc", reopen_place, EACCES, NULL, 0, 1},
    {"reading /proc/self/environ", read_own_environment, EACCES, NULL, 0, 1},
    {"opening /proc/self/mem", read_own_memory, EACCES, NULL, 0, 1},
    {"reading another process's environment", read_victims_environment, EACCES, NULL, 0, 1},
    {"asking where another process is", ask_where_victim_is, EACCES, NULL, 0, 1},
    {"reading through another process's root", read_through_victims_root, EACCES, NULL, 0, 1},
    {"reading /proc/1/cmdline", read_first_processs_arguments, EACCES, NULL, 0, 1},
    {"listing /", list_root, EACCES, NULL, 0, 1},
    {"listing the folder around", list_around, EACCES, NULL, 0, 1},
    {"writing a file beside", write_beside, EACCES, NULL, 0, 1},
    {"making a file beside", make_beside, EACCES, NULL, 0, 1},
    {"making a file without a name", make_in_tmp, EACCES, NULL, 0, 1},
    {"writing where it may read", write_in_read_folder, EACCES, NULL, 0, 1},
    {"making a file where it may read", make_in_read_folder, EACCES, NULL, 0, 1},
    {"truncating a file beside", empty_beside, EACCES, NULL, 0, 3},
    {"truncating by opening", empty_by_opening, EACCES, NULL, 0, 3},
    {"renaming out", rename_out, EACCES, NULL, 0, 1},
    {"renaming in", rename_in, EACCES, NULL, 0, 1},
    {"linking in", link_in, EXDEV, NULL, 0, 1},
    {"linking from where it may read", link_from_read_folder, EXDEV, NULL, 0, 1},
    {"removing a file beside", remove_beside, EACCES, NULL, 0, 1},
    {"removing where it may read", remove_read_file, EACCES, NULL, 0, 1},
    {"making a folder", make_folder, EACCES, NULL, 0, 1},
    {"making a symbolic link", make_symbolic_link, EPERM, NODE, 0, 0},
    {"making a pipe", make_pipe, EPERM, NODE, 0, 0},
    {"changing a mode", change_mode, EPERM, MODE, 0, 0},
    {"making an own file setuid", change_mode_of_own, EPERM, MODE, 0, 0},
    {"changing an owner", change_owner, EPERM, MODE, 0, 0},
    {"changing times", change_times, EPERM, ATTRIBUTE, 0, 0},
    {"setting an attribute", set_attribute, EPERM, ATTRIBUTE, CONTROL_DIFFERS, 0},
    {"reading an attribute", read_attribute, EPERM, NULL, CONTROL_DIFFERS, 0},
    {"watching a folder", watch_folder, EPERM, "tried to watch files", EINVAL, 0},
    {"opening a device", open_device, EACCES, NULL, 0, 1},
    {"opening by a handle", open_by_handle, EPERM, HANDLE, CONTROL_DIFFERS, 0},
    {"asking for a handle", name_to_handle, EPERM, HANDLE, CONTROL_DIFFERS, 0},
    {"using a descriptor that was not handed over", use_unkept_descriptor, EBADF, NULL, 0, 0},
    {"reading /proc/1/environ", read_first_process, EACCES, NULL, 0, 1},
};

int main(void)
{
    return stage_attacks("files", attacks, sizeof(attacks) / sizeof(attacks[0]));
}
