/* Folders: those of the program, and those that are granted. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/driven/config/config.h"
#include "adapters/driving/doctor/installation.h"
#include "core/json/json.h"

static void judge_folder(struct inspection *x, const char *path)
{
    struct stat st, own;
    uid_t program = stat("/proc/self/exe", &own) == 0 ? own.st_uid : geteuid();
    if (stat(path, &st)) {
        if (errno != ENOENT && errno != ENOTDIR)
            note(x, DOCTOR_WARNING, "%s cannot be looked at: %s", path, strerror(errno));
        return;
    }
    if (!S_ISDIR(st.st_mode))
        note(x, DOCTOR_ERROR, "%s is no folder", path);
    else if ((st.st_mode & S_IWOTH) && !(st.st_mode & S_ISVTX))
        note(x, DOCTOR_ERROR, "%s can be written by everybody (mode %04o)", path,
             (unsigned)st.st_mode & 07777);
    else if (st.st_uid != 0 && st.st_uid != geteuid() && st.st_uid != program)
        note(x, DOCTOR_ERROR, "%s belongs to another user (%u)", path, (unsigned)st.st_uid);
}

void check_folders(void *examination)
{
    struct inspection *x = examination;
    if (!x->what->folder_count)
        leave_out(x, "hexmcp could not be set up");
    for (size_t i = 0; i < x->what->folder_count; i++)
        judge_folder(x, x->what->folders[i]);
}

static void judge_grant(struct inspection *x, const char *setting, const char *path, int access_mode)
{
    struct stat st;
    if (stat(path, &st))
        note(x, DOCTOR_WARNING, "%s grants %s: %s", setting, path, strerror(errno));
    else if (!S_ISDIR(st.st_mode))
        note(x, DOCTOR_WARNING, "%s grants %s, which is no folder", setting, path);
    else if (access(path, access_mode))
        note(x, DOCTOR_WARNING, "%s grants %s, which you may not %s", setting, path,
             access_mode & W_OK ? "write" : "read");
    else if (path[0] == '/' && !path[1])
        note(x, DOCTOR_WARNING, "%s grants /, which is every file that you may open", setting);
}

/* How many there are. */
static size_t judge_grants(struct inspection *x, const char *setting, int access_mode)
{
    struct json_doc *doc;
    struct buffer path = BUFFER_INIT;
    size_t count = 0;
    if (json_parse(config_text(x->what->config, setting), &doc, NULL))
        return 0;
    struct json_iter it = json_iter(json_root(doc));
    while (json_next(&it)) {
        buffer_reset(&path, 4096);
        json_decode(it.value, &path);
        buffer_add_char(&path, '\0');
        if (!buffer_failed(&path))
            judge_grant(x, setting, path.data, access_mode);
        count++;
    }
    buffer_clear(&path);
    json_free(doc);
    return count;
}

void check_grants(void *examination)
{
    struct inspection *x = examination;
    if (!x->what->config) {
        leave_out(x, "the configuration could not be read");
        return;
    }
    size_t count = judge_grants(x, "grants.read", R_OK | X_OK);
    count += judge_grants(x, "grants.write", R_OK | W_OK | X_OK);
    if (!count)
        leave_out(x, "no folder is granted, so tools open no files; --allow-read FOLDER or the "
                     "setting grants.read grants one");
}
