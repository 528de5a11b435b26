/*
 * SPDX-License-Identifier: MIT
 */
#include <errmsg.h>
#include <mysqld_error.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mariadb.h"

/* What holds for both connections. That of the password is never one that tells it to the other side. */
static void set_tls(MYSQL *conn, const struct database *db)
{
    my_bool yes = 1;
    if (db->tls != TLS_OFF)
        mysql_options(conn, MYSQL_OPT_SSL_ENFORCE, &yes);
    if (db->tls == TLS_VERIFY)
        mysql_options(conn, MYSQL_OPT_SSL_CA, db->ca_file);
    mysql_options(conn, MARIADB_OPT_RESTRICTED_AUTH,
                  "mysql_native_password,client_ed25519,caching_sha2_password");
}

/* By a connection of its own: the protocol has no other way. */
static void kill_query(struct maria *m)
{
    char sql[64], password[PASSWORD_ROOM];
    unsigned seconds = 5;
    MYSQL *other = mysql_init(NULL);
    hexmcp_error ignored = {.size = sizeof(ignored)};
    hexmcp_round quiet = *m->job->r;
    struct job job = *m->job;
    quiet.err = &ignored;
    job.r = &quiet;
    if (!other || job_password(&job, password) != HEXMCP_OK) {
        mysql_close(other);
        return;
    }
    mysql_options(other, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
    mysql_options(other, MYSQL_OPT_READ_TIMEOUT, &seconds);
    set_tls(other, m->job->db);
    snprintf(sql, sizeof(sql), "KILL QUERY %lu", mysql_thread_id(m->conn));
    if (mysql_real_connect(other, m->address, m->job->db->user, password, NULL, m->job->db->port, NULL, 0))
        mysql_query(other, sql);
    job_forget(password);
    mysql_close(other);
}

/* The connection in the making becomes the one that was checked, before anything is said on it. */
static void take_checked(struct maria *m)
{
    int fd = (int)mysql_get_socket(m->conn);
    if (m->checked < 0 || fd < 0)
        return;
    dup3(m->checked, fd, O_CLOEXEC);
    close(m->checked);
    m->checked = -1;
}

int maria_wait(struct maria *m, int waiting)
{
    struct pollfd p = {.fd = (int)mysql_get_socket(m->conn), .events = 0};
    int ready = 0;
    take_checked(m);
    p.events = (short)((waiting & MYSQL_WAIT_READ ? POLLIN : 0) |
                       (waiting & MYSQL_WAIT_WRITE ? POLLOUT : 0) |
                       (waiting & MYSQL_WAIT_EXCEPT ? POLLPRI : 0));
    while (m->stopped == HEXMCP_OK && poll(&p, 1, 50) == 0) {
        m->stopped = job_step(m->job);
        if (m->stopped == HEXMCP_OK)
            continue;
        if (mysql_thread_id(m->conn) != 0)
            kill_query(m);
        shutdown(p.fd, SHUT_RDWR);
        return waiting & ~MYSQL_WAIT_TIMEOUT;
    }
    ready |= p.revents & POLLIN ? MYSQL_WAIT_READ : 0;
    ready |= p.revents & POLLOUT ? MYSQL_WAIT_WRITE : 0;
    ready |= p.revents & POLLPRI ? MYSQL_WAIT_EXCEPT : 0;
    ready |= p.revents & (POLLERR | POLLHUP) ? waiting & ~MYSQL_WAIT_TIMEOUT : 0;
    return m->stopped == HEXMCP_OK ? ready : waiting & ~MYSQL_WAIT_TIMEOUT;
}

int32_t maria_refused(const struct maria *m, unsigned number, const char *said)
{
    const struct job *job = m->job;
    if (m->stopped != HEXMCP_OK)
        return m->stopped;
    if (number == ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION)
        return job_wrong_kind(job);
    if (number == ER_STATEMENT_TIMEOUT || number == ER_QUERY_INTERRUPTED)
        return hexmcp_fail(job->r->err, HEXMCP_E_TIMEOUT,
                           "the database stopped the query after %u ms; make it cheaper, or give a larger "
                           "timeout_ms (at most %d)",
                           job->q->timeout_ms, TIMEOUT_MOST_MS);
    if (number >= CR_MIN_ERROR && number <= CR_MAX_ERROR)
        return job_refused(job, HEXMCP_E_UNAVAILABLE, "the connection to MariaDB is lost", said);
    return job_refused(job, HEXMCP_E_INVALID, "MariaDB refuses the query; correct it", said);
}

int32_t maria_execute(struct maria *m, const char *sql)
{
    int result = 0;
    MARIA_RUN(m, result, mysql_real_query, m->conn, m->conn, sql, (unsigned long)strlen(sql));
    return result == 0 ? HEXMCP_OK : maria_refused(m, mysql_errno(m->conn), mysql_error(m->conn));
}

static void set_options(struct maria *m)
{
    const struct database *db = m->job->db;
    unsigned int none = 0, protocol = MYSQL_PROTOCOL_TCP; /* "localhost" would be a socket */
    my_bool yes = 1;
    mysql_options(m->conn, MYSQL_OPT_NONBLOCK, NULL);
    mysql_options(m->conn, MYSQL_OPT_PROTOCOL, &protocol);
    mysql_options(m->conn, MYSQL_OPT_LOCAL_INFILE, &none);
    mysql_options(m->conn, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    set_tls(m->conn, db);
    if (db->tls == TLS_VERIFY)
        mysql_options(m->conn, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
}

/* libmariadb checks a certificate for the name that it connects to: it must be given that, and would ask
 * a resolver; take_checked() then gives it the connection to the address that was checked. */
static int32_t log_in(struct maria *m, const char *password)
{
    const struct database *db = m->job->db;
    MYSQL *done = NULL;
    set_options(m);
    MARIA_RUN(m, done, mysql_real_connect, m->conn, m->conn,
              db->tls == TLS_VERIFY ? db->host : m->address, db->user, password, db->base, db->port,
              NULL, 0);
    if (done && db->tls != TLS_OFF && !mysql_get_ssl_cipher(m->conn)) /* libmariadb goes on without */
        return hexmcp_fail(m->job->r->err, HEXMCP_E_UNAVAILABLE,
                           "the database %.100s does not take the connection: it has no TLS (SSL); the "
                           "operator sets \"tls\": \"off\" if it needs none", db->name);
    if (done)
        return HEXMCP_OK;
    if (m->stopped != HEXMCP_OK)
        return m->stopped;
    char what[200];
    snprintf(what, sizeof(what), "the database %.100s does not take the connection", db->name);
    return job_refused(m->job, HEXMCP_E_UNAVAILABLE, what, mysql_error(m->conn));
}

int32_t maria_connect(struct maria *m)
{
    char password[PASSWORD_ROOM];
    m->checked = -1;
    int32_t status = job_password(m->job, password);
    if (status == HEXMCP_OK)
        status = job_reach(m->job, &m->checked, m->address);
    if (status == HEXMCP_OK && !(m->conn = mysql_init(NULL)))
        status = hexmcp_fail(m->job->r->err, HEXMCP_E_NOMEM, "out of memory for a connection; try again");
    if (status == HEXMCP_OK)
        status = log_in(m, password);
    job_forget(password);
    return status;
}

void maria_close(struct maria *m)
{
    if (m->checked >= 0)
        close(m->checked);
    mysql_close(m->conn);
    mysql_thread_end();
}
