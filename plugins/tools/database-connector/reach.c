/*
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <unistd.h>

#include "hexmcp/host/net.h"
#include "job.h"
#include "kit/secret.h"
#include "kit/wait.h"

struct reaching {
    struct wait wait;
    int32_t status;
    int fd;
    char address[ADDRESS_ROOM];
    char message[300];
};

static void on_reply(void *arg, int32_t status, int32_t fd, hexmcp_str json)
{
    struct reaching *t = arg;
    hexmcp_str value;
    t->status = status;
    t->fd = fd;
    if (hexmcp_json_get(json, "address", &value) == HEXMCP_OK)
        hexmcp_json_string(value, t->address, sizeof(t->address), NULL);
    if (hexmcp_json_get(json, "message", &value) == HEXMCP_OK)
        hexmcp_json_string(value, t->message, sizeof(t->message), NULL);
    wait_over(&t->wait);
}

int32_t job_reach(const struct job *job, int *fd, char address[ADDRESS_ROOM])
{
    const hexmcp_net_1 *net = hexmcp_round_service(job->r, HEXMCP_NET_1);
    const struct database *db = job->db;
    struct reaching t = {.fd = -1, .message = "it cannot be reached"};
    if (!net)
        return hexmcp_fail(job->r->err, HEXMCP_E_DENIED,
                           "no host was granted to this tool; the operator grants the database with "
                           "--allow-host %.200s:%u",
                           db->host, db->port);
    wait_begin(&t.wait);
    int32_t status = net->connect(net->ctx, job->r->call, hexmcp_str_from(db->host), db->port, 0,
                                  (uint32_t)job_left_ms(job), on_reply, &t, NULL);
    if (status == HEXMCP_OK) {
        wait_for(&t.wait);
        status = t.status;
    }
    wait_end(&t.wait);
    if (status != HEXMCP_OK)
        return hexmcp_fail(job->r->err, status, "the database %.100s: %.300s", db->name, t.message);
    *fd = t.fd;
    memcpy(address, t.address, sizeof(t.address));
    return HEXMCP_OK;
}

int32_t job_password(const struct job *job, char password[PASSWORD_ROOM])
{
    password[0] = '\0';
    if (!job->db->secret[0])
        return HEXMCP_OK;
    return secret_reveal(job->r, job->db->secret, password, PASSWORD_ROOM);
}

void job_forget(char password[PASSWORD_ROOM])
{
    secret_forget(password, PASSWORD_ROOM);
}
