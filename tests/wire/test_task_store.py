#!/usr/bin/env python3
"""Tasks over kill -9: what was told of a task is there in the next process, on the default store.

usage: test_task_store.py HEXMCP EVERYTHING, EVERYTHING being the bundle with the tool slow-task
"""
import json
import os
import sys
import time

from session import CLAIM, Place, Server
from tap import Tap

HEXMCP, EVERYTHING = (os.path.abspath(path) for path in sys.argv[1:])
TASKS = {**CLAIM, "io.modelcontextprotocol/clientCapabilities":
         {"extensions": {"io.modelcontextprotocol/tasks": {}}}}


def ask(server, method, params):
    server.serial += 1
    server.send(json.dumps({"jsonrpc": "2.0", "id": server.serial, "method": method,
                            "params": {**params, "_meta": TASKS}}))
    answer = server.answer(server.serial)
    return answer.get("result") or answer["error"]


def start_task(server, steps, delay):
    return ask(server, "tools/call", {"name": "slow-task", "arguments": {"steps": steps,
                                                                         "delayMs": delay}})


def until_ended(server, ident):
    while True:
        task = ask(server, "tasks/get", {"taskId": ident})
        if task["status"] != "working":
            return task
        time.sleep(0.01)


def kill(server):
    server.process.kill()
    server.process.wait()


def test_result_outlives_a_kill(tap, place):
    first = Server(place, "--plugin", EVERYTHING)
    ident = start_task(first, 3, 0)["taskId"]
    ended = until_ended(first, ident)
    tap.equal("the task has a result", (ended["status"], ended["result"]["resultType"]),
              ("completed", "complete"))
    kill(first)
    second = Server(place, "--plugin", EVERYTHING)
    tap.equal("after kill -9 the next process answers the same",
              ask(second, "tasks/get", {"taskId": ident}), ended)
    tap.equal("and ends well", second.end()[0], 0)


def test_running_task_of_a_killed_process(tap, place):
    first = Server(place, "--plugin", EVERYTHING)
    ident = start_task(first, 1000, 100)["taskId"]
    kill(first)
    second = Server(place, "--plugin", EVERYTHING)
    tap.equal("what was acknowledged is known",
              ask(second, "tasks/get", {"taskId": ident})["status"], "working")
    tap.equal("only the process that runs it can cancel it",
              ask(second, "tasks/cancel", {"taskId": ident})["message"],
              f'the task "{ident}" runs in another process; cancel it there')
    second.end()


def test_two_processes(tap, place):
    one, two = Server(place, "--plugin", EVERYTHING), Server(place, "--plugin", EVERYTHING)
    ident = start_task(one, 2, 0)["taskId"]
    ended = until_ended(one, ident)
    tap.equal("another process of the same user sees the result",
              ask(two, "tasks/get", {"taskId": ident}), ended)
    tap.equal("an id that never was is unknown",
              ask(two, "tasks/get", {"taskId": "0" * 32})["message"],
              f'there is no task "{"0" * 32}"; it may have expired')
    one.end()
    two.end()


def main():
    with Tap() as tap, Place(HEXMCP) as place:
        test_result_outlives_a_kill(tap, place)
        test_running_task_of_a_killed_process(tap, place)
        test_two_processes(tap, place)


main()
