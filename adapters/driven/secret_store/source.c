/* Where values come from. They are read into one block that does not move. */
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "adapters/driven/secret_store/inside.h"

static int none(const struct secret *s, struct error *err, const char *why)
{
    static const char *const kinds[] = {"the variable", "the file", "the key"};
    return error_set(err, ST_UNAVAILABLE, "secret %s: %s %s %s", s->name, kinds[s->source],
                     s->place, why);
}

static int read_environment(const struct secret *s, struct buffer *out, struct error *err)
{
    const char *value = getenv(s->place);
    if (!value)
        return none(s, err, "is not set");
    size_t len = strlen(value);
    if (len > SECRET_VALUE_MAX)
        return none(s, err, "is longer than 64 KiB");
    if (!buffer_reserve(out, len + 1))
        return error_set(err, ST_NOMEM, "out of memory");
    buffer_add(out, value, len);
    return ST_OK;
}

static int check_file(const struct secret *s, int fd, struct error *err)
{
    struct stat st;
    if (fstat(fd, &st))
        return none(s, err, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return none(s, err, "is not a regular file");
    if (st.st_uid != geteuid() && st.st_uid != 0)
        return none(s, err, "belongs to another user");
    if (st.st_mode & 077)
        return none(s, err, "is open to other users; allow only its owner (chmod 600)");
    if (st.st_size > SECRET_VALUE_MAX)
        return none(s, err, "is longer than 64 KiB");
    return ST_OK;
}

/* An editor ends a file with a line break; it is not part of the value. */
static void drop_line_end(struct buffer *b)
{
    if (b->len && b->data[b->len - 1] == '\n')
        b->len--;
    if (b->len && b->data[b->len - 1] == '\r')
        b->len--;
}

static int read_descriptor(const struct secret *s, int fd, struct buffer *out, struct error *err)
{
    ssize_t got = 1;
    if (!buffer_reserve(out, SECRET_VALUE_MAX + 1))
        return error_set(err, ST_NOMEM, "out of memory");
    while (got > 0 && out->len <= SECRET_VALUE_MAX) {
        got = read(fd, out->data + out->len, SECRET_VALUE_MAX + 1 - out->len);
        if (got < 0 && errno == EINTR)
            got = 1;
        else
            out->len += got > 0 ? (size_t)got : 0;
    }
    if (got < 0)
        return none(s, err, strerror(errno));
    if (out->len > SECRET_VALUE_MAX)
        return none(s, err, "is longer than 64 KiB");
    drop_line_end(out);
    return ST_OK;
}

static int read_file(const struct secret *s, struct buffer *out, struct error *err)
{
    int fd = open(s->place, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return none(s, err, errno == ENOENT ? "does not exist" : strerror(errno));
    int rc = check_file(s, fd, err);
    if (!rc)
        rc = read_descriptor(s, fd, out, err);
    close(fd);
    return rc;
}

static const char *keyring_fault(int number)
{
    switch (number) {
    case ENOKEY:
        return "is in no keyring of this session; add it with keyctl";
    case EKEYEXPIRED:
        return "has expired";
    case EKEYREVOKED:
        return "was revoked";
    default:
        return strerror(number);
    }
}

/* Without call-out information the kernel asks no helper program: it finds the key or does not. */
static int read_keyring(const struct secret *s, struct buffer *out, struct error *err)
{
    long key = syscall(SYS_request_key, "user", s->place, NULL, 0);
    if (key < 0)
        return none(s, err, keyring_fault(errno));
    if (!buffer_reserve(out, SECRET_VALUE_MAX + 1))
        return error_set(err, ST_NOMEM, "out of memory");
    long len = syscall(SYS_keyctl, KEYCTL_READ, key, out->data, (size_t)SECRET_VALUE_MAX, 0);
    if (len < 0)
        return none(s, err, keyring_fault(errno));
    if (len > SECRET_VALUE_MAX)
        return none(s, err, "is longer than 64 KiB");
    out->len = (size_t)len;
    return ST_OK;
}

int secret_read(const struct secret *s, struct buffer *out, struct error *err)
{
    static int (*const readers[])(const struct secret *, struct buffer *, struct error *) = {
        [SECRET_ENV] = read_environment,
        [SECRET_FILE] = read_file,
        [SECRET_KEYRING] = read_keyring,
    };
    int rc = readers[s->source](s, out, err);
    return rc || out->len ? rc : none(s, err, "is empty");
}
