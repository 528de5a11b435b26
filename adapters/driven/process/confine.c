/* The sandbox of a program: which file is started, and which folders it reaches. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "adapters/driven/process/inside.h"

#define FIRST_LINE_MAX 255

/* ---- scripts -------------------------------------------------------------------------------- */

/* The first line of a script without "#!", in `line`; false if it is none. */
static bool read_first_line(int fd, char line[FIRST_LINE_MAX + 1])
{
    char start[FIRST_LINE_MAX + 1];
    ssize_t got = pread(fd, start, FIRST_LINE_MAX, 0);
    if (got < 2 || start[0] != '#' || start[1] != '!')
        return false;
    start[got] = '\0';
    start[strcspn(start, "\n")] = '\0';
    const char *from = start + 2 + strspn(start + 2, " \t");
    memcpy(line, from, strlen(from) + 1);
    for (size_t len = strlen(line); len && strchr(" \t", line[len - 1]); len--)
        line[len - 1] = '\0';
    return true;
}

static size_t count_texts(char *const *list)
{
    size_t count = 0;
    while (list[count])
        count++;
    return count;
}

/* As the kernel does it: interpreter, the rest of the line as one argument, the script, its arguments. */
static int script_arguments(struct confinement *out, const struct command *c, char *line,
                            struct error *err)
{
    size_t given = count_texts(c->arguments), at = 0;
    char **list = arena_alloc(&out->memory, (given + 3) * sizeof(*list));
    char *option = line + strcspn(line, " \t");
    if (*option)
        *option++ = '\0';
    option += strspn(option, " \t");
    if (!list)
        return error_set(err, ST_NOMEM, "out of memory");
    list[at++] = (char *)arena_copy(&out->memory, str_from(line)).ptr;
    if (*option)
        list[at++] = (char *)arena_copy(&out->memory, str_from(option)).ptr;
    list[at++] = (char *)c->path;
    for (size_t i = 1; i < given; i++)
        list[at++] = c->arguments[i];
    list[at] = NULL;
    out->arguments = list;
    return out->memory.failed ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}

static int open_program(const char *path, int *fd, struct error *err)
{
    *fd = open(path, O_RDONLY | O_CLOEXEC);
    return *fd < 0 ? error_set(err, ST_UNAVAILABLE, "%s cannot be opened: %s", path, strerror(errno))
                   : ST_OK;
}

/* Opens what is started; of a script, its interpreter. */
static int find_program(struct confinement *out, const struct command *c, bool *script,
                        struct error *err)
{
    char line[FIRST_LINE_MAX + 1], path[PATH_MAX];
    int rc = open_program(c->path, &out->program, err);
    if (rc)
        return rc;
    out->arguments = c->arguments;
    *script = read_first_line(out->program, line);
    if (!*script)
        return ST_OK;
    rc = script_arguments(out, c, line, err);
    if (!rc && out->arguments[0][0] != '/')
        rc = error_set(err, ST_UNAVAILABLE, "%s names no interpreter in its first line", c->path);
    if (!rc)
        rc = process_program_find(out->arguments[0], path, err);
    close(out->program);
    out->program = -1;
    return rc ? rc : open_program(path, &out->program, err);
}

/* ---- folders -------------------------------------------------------------------------------- */

static int open_granted(const struct files_port *files, const struct path_grants *grants, size_t i,
                        int *fd, struct error *err)
{
    const struct path_grant *grant = &grants->at[i];
    struct buffer path = BUFFER_INIT;
    int rc = ST_NOMEM;
    buffer_add_str(&path, grant->folder);
    if (grant->beneath.len && grant->folder.len > 1)
        buffer_add_char(&path, '/');
    buffer_add_str(&path, grant->beneath);
    if (buffer_failed(&path))
        error_set(err, ST_NOMEM, "out of memory");
    else
        rc = files->open(files->ctx, grants, buffer_str(&path), FILES_READ | FILES_DIRECTORY, fd, err);
    buffer_clear(&path);
    return rc;
}

/* Those that are there: one that was removed gives nothing to reach. */
static void open_folders(const struct files_port *files, const struct service_request *q,
                         const struct command *c, struct sandbox_program_folder *folders,
                         size_t *count)
{
    bool write = c->paths == SANDBOX_PATHS_WRITE && q->grants->writes_paths;
    struct error ignored;
    for (size_t i = 0; i < q->paths->count; i++)
        if (open_granted(files, q->paths, i, &folders[*count].fd, &ignored) == ST_OK)
            folders[(*count)++].write = write && q->paths->at[i].write;
}

static void close_folders(const struct sandbox_program_folder *folders, size_t count)
{
    for (size_t i = 0; i < count; i++)
        close(folders[i].fd);
}

static int make_sandbox(const struct files_port *files, const struct service_request *q,
                        const struct command *c, struct sandbox_program_plan *plan,
                        struct confinement *out, struct error *err)
{
    size_t most = c->paths && q->grants->reads_paths && q->paths ? q->paths->count : 0;
    struct sandbox_program_folder *folders = arena_alloc(&out->memory, (most + 1) * sizeof(*folders));
    size_t count = 0;
    if (!folders)
        return error_set(err, ST_NOMEM, "out of memory");
    if (c->folder && !most)
        return error_set(err, ST_DENIED,
                         "no folder was granted; the operator grants one with --allow-read FOLDER or "
                         "\"grants.read\" of the configuration");
    int rc = c->folder ? files->open(files->ctx, q->paths, str_from(c->folder),
                                     FILES_READ | FILES_DIRECTORY, &out->folder, err)
                       : ST_OK;
    if (!rc && most)
        open_folders(files, q, c, folders, &count);
    plan->folders = folders;
    plan->folder_count = count;
    if (!rc)
        rc = sandbox_program_make(plan, &out->sandbox, err);
    close_folders(folders, count);
    return rc;
}

/* ---- all ------------------------------------------------------------------------------------ */

/* Programs that need room for temporary files find it in their own folder. */
static int add_temporary(struct confinement *out, const struct command *c, const char *own,
                         struct error *err)
{
    size_t given = count_texts(c->environment);
    char **list = arena_alloc(&out->memory, (given + 2) * sizeof(*list));
    struct buffer line = BUFFER_INIT;
    buffer_add_str(&line, STR("TMPDIR="));
    buffer_add_str(&line, str_from(own));
    char *temporary = buffer_failed(&line) ? NULL : (char *)arena_copy(&out->memory, buffer_str(&line)).ptr;
    buffer_clear(&line);
    if (!list || !temporary)
        return error_set(err, ST_NOMEM, "out of memory");
    memcpy(list, c->environment, given * sizeof(*list));
    list[given] = temporary;
    list[given + 1] = NULL;
    out->environment = list;
    return ST_OK;
}

int process_confine(const struct files_port *files, const struct service_request *q,
                    const struct command *c, const char *own, struct confinement *out,
                    struct error *err)
{
    struct confinement made = {
        .sandbox = {.ruleset = -1}, .program = -1, .folder = -1, .memory = ARENA_INIT};
    struct sandbox_program_plan plan = {.own = own};
    bool script = false;
    int rc = find_program(&made, c, &script, err);
    if (!rc)
        rc = add_temporary(&made, c, own, err);
    plan.program = made.program;
    plan.script = script ? c->path : NULL;
    if (!rc)
        rc = make_sandbox(files, q, c, &plan, &made, err);
    if (rc)
        process_confinement_clear(&made);
    else
        *out = made;
    return rc;
}

void process_confinement_clear(struct confinement *c)
{
    if (c->program >= 0)
        close(c->program);
    if (c->folder >= 0)
        close(c->folder);
    sandbox_program_clear(&c->sandbox);
    arena_clear(&c->memory);
}
