package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Ordinary programs do under the default profile what they do without a jail.
///
/// Each script works in a folder of its own and prints what it made. It runs outside, in that folder, and in a jail
/// that is given the folder.
class ProgramsIT {
  private static void same(Caller caller, String script, String... needed) throws IOException {
    same(caller, List.of(), script, needed);
  }

  private static void same(Caller caller, List<String> options, String script, String... needed) throws IOException {
    Tools.need(needed);
    String whole = "set -e; cd \"$1\"; HOME=$1; export HOME; shift; " + script;
    Path outside = Program.folder("outside");
    Path inside = Program.folder("inside");
    var expected = caller.sh(whole, outside.toString());
    assertThat(expected.status()).as("outside: " + expected.err()).isZero();
    assertThat(expected.out()).isNotBlank();
    var words = new ArrayList<>(options);
    words.addAll(List.of("--bind", inside.toString(), "--chdir", inside.toString(), "--", "/bin/sh", "-c", whole, "sh",
        inside.toString()));
    var jail = caller.run(words.toArray(String[]::new));
    assertThat(jail.out()).as(jail.err()).isEqualTo(expected.out());
    assertThat(jail.status()).isZero();
    assertThat(jail.err().replace(inside.toString(), "")).isEqualTo(expected.err().replace(outside.toString(), ""));
    Files.delete(Files.createTempFile(inside, "still", "writable"));
  }

  @ForEachCaller
  void python(Caller caller) throws IOException {
    same(caller, """
        cat > work.py <<'END'
        import asyncio, ctypes, json, multiprocessing, os, socket, sqlite3, subprocess, tempfile, threading, zlib
        def square(x): return x * x
        async def sleepy(n):
          await asyncio.sleep(0.01)
          return n
        async def both(): return await asyncio.gather(sleepy(1), sleepy(2))
        if __name__ == '__main__':
          with multiprocessing.Pool(2) as pool: print(pool.map(square, range(5)))
          print(asyncio.run(both()))
          print(subprocess.run(['sort'], input='b\\na\\n', text=True, capture_output=True).stdout)
          server = socket.create_server(('127.0.0.1', 0))
          def answer():
            connection, _ = server.accept()
            connection.sendall(b'answer')
            connection.close()
          thread = threading.Thread(target=answer)
          thread.start()
          print(socket.create_connection(server.getsockname()).recv(100))
          thread.join()
          with tempfile.NamedTemporaryFile() as f: print(os.path.exists(f.name))
          print(sqlite3.connect('data.db').execute('select 6 * 7').fetchall())
          print(json.dumps({'crc': zlib.crc32(b'text')}), len(os.urandom(8)), os.cpu_count() > 0)
          print(ctypes.CDLL(None).getpid() == os.getpid())
        END
        /usr/bin/python3 -I work.py""", "python3");
  }

  @ForEachCaller
  void node(Caller caller) throws IOException {
    same(caller, """
        cat > work.js <<'END'
        const fs = require('fs'), http = require('http'), crypto = require('crypto');
        const { execSync } = require('child_process');
        const { Worker } = require('worker_threads');
        fs.writeFileSync('file', 'content');
        console.log(fs.readFileSync('file', 'utf8'), execSync('echo child').toString().trim());
        console.log(crypto.createHash('sha256').update('text').digest('hex'));
        new Worker('console.log("worker")', { eval: true }).on('exit', () => {
          const server = http.createServer((request, response) => response.end('served')).listen(0, '127.0.0.1', () => {
            http.get({ port: server.address().port, host: '127.0.0.1' }, response => {
              response.on('data', data => console.log(data.toString())).on('end', () => server.close());
            });
          });
        });
        END
        node work.js""", "node");
  }

  @ForEachCaller
  void javaProgram(Caller caller) throws IOException {
    Path home = Path.of(System.getProperty("java.home"));
    same(caller, List.of("--bind-ro", home.toString()), """
        cat > Work.java <<'END'
        import java.nio.file.*;
        import java.util.stream.*;
        void main() throws Exception {
          Files.writeString(Path.of("file"), "content");
          IO.println(Files.readString(Path.of("file")) + IntStream.range(0, 1000).parallel().sum());
          var child = new ProcessBuilder("echo", "child").redirectErrorStream(true).start();
          IO.println(new String(child.getInputStream().readAllBytes()).strip() + child.waitFor());
          Thread.ofVirtual().start(() -> IO.println("virtual")).join();
          try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var thread = Thread.ofPlatform().start(() -> {
              try (var socket = server.accept()) {
                socket.getOutputStream().write("answer".getBytes());
              } catch (IOException e) {
                IO.println(e);
              }
            });
            try (var socket = new Socket(server.getInetAddress(), server.getLocalPort())) {
              IO.println(new String(socket.getInputStream().readAllBytes()));
            }
            thread.join();
          }
        }
        END
        JDK/bin/javac -d classes Work.java && JDK/bin/java -cp classes Work""".replace("JDK", home.toString()));
  }

  @ForEachCaller
  void compilerAndItsProgram(Caller caller) throws IOException {
    same(caller, """
        cat > work.c <<'END'
        #include <pthread.h>
        #include <stdio.h>
        #include <sys/wait.h>
        #include <unistd.h>
        static void *thread(void *text) { puts(text); return NULL; }
        int main(void) {
          pthread_t t;
          pthread_create(&t, NULL, thread, "thread");
          pthread_join(t, NULL);
          fflush(stdout);
          if (fork() == 0) _exit(7);
          int status;
          wait(&status);
          printf("child %d\\n", WEXITSTATUS(status));
        }
        END
        gcc -O2 -pipe -Wall -o work work.c -lpthread && ./work
        gcc -static -o static work.c -lpthread && ./static && echo static""", "gcc");
  }

  @ForEachCaller
  void git(Caller caller) throws IOException {
    same(caller, """
        export GIT_AUTHOR_DATE=2026-01-01T00:00:00Z GIT_COMMITTER_DATE=2026-01-01T00:00:00Z
        git config --global user.name A; git config --global user.email a@b; git config --global init.defaultBranch main
        git init -q one; cd one; echo a > a; git add a; git commit -qm first; git checkout -qb other
        echo b > b; git add b; git commit -qm second; git checkout -q main
        git merge -q --no-edit other; git log --oneline --stat | cat
        cd ..; git clone -q one two; git -C two gc -q; git -C two fsck; git -C two log --format=%H""", "git");
  }

  @ForEachCaller
  void perl(Caller caller) throws IOException {
    same(caller, """
        perl -e 'use POSIX; my $pid = fork; exit 3 unless $pid; waitpid $pid, 0; print $? >> 8, "\\n";
          open my $pipe, "-|", "echo piped" or die; print <$pipe>; alarm 5;
          print join(",", sort { $a <=> $b } 10, 9, 1), "\\n"'""", "perl");
  }

  @ForEachCaller
  void bashPipelines(Caller caller) throws IOException {
    same(caller, """
        bash -c 'set -o pipefail; seq 1000 | grep 7 | sort -r | tee all | head -3 | cat; wc -l < all
          diff <(seq 3) <(seq 4); coproc cat; echo through >&${COPROC[1]}; read -ru ${COPROC[0]} line; echo $line
          trap "echo trapped" USR1; kill -USR1 $$; (exit 5); echo $?; ulimit -n 64; mkfifo p; (echo fifo > p &); cat p
          find . -type f | xargs ls | sort; sed -n 2p all; awk "{s+=\\$1} END {print s}" all'""", "bash", "awk");
  }

  @ForEachCaller
  void tar(Caller caller) throws IOException {
    same(caller, """
        mkdir -p d/e; echo content > d/e/f; ln -s f d/e/link; ln d/e/f d/hard; chmod 640 d/e/f; mkfifo d/pipe
        tar -czf a.tar.gz d; mkdir x; tar -xpzf a.tar.gz -C x
        cd x; find . | sort; stat -c '%a %h' d/e/f; readlink d/e/link""", "tar", "gzip");
  }

  @ForEachCaller
  void sqlite(Caller caller) throws IOException {
    same(caller, """
        sqlite3 data.db 'pragma journal_mode=wal; create table t(x);
          insert into t values (1), (2), (39); select sum(x) from t;'
        sqlite3 data.db 'vacuum; pragma integrity_check; select count(*) from t;'""", "sqlite3");
  }

  @ForEachCaller
  void parallelMake(Caller caller) throws IOException {
    same(caller, """
        printf 'all: a b c d\\n\\tcat $^ > all\\na b c d:\\n\\tsleep 0.05; echo $@ > $@\\n' > Makefile
        make -s -j2; cat all""", "make");
  }

  @ForEachCaller
  void openssl(Caller caller) throws IOException {
    same(caller, """
        openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out certificate -subj /CN=test -days 2 2> /dev/null
        openssl verify -CAfile certificate certificate; echo text > plain
        openssl enc -aes-256-cbc -pbkdf2 -pass pass:x -in plain -out secret
        openssl enc -d -aes-256-cbc -pbkdf2 -pass pass:x -in secret
        openssl dgst -sha256 -sign key -out signature plain
        openssl x509 -in certificate -pubkey -noout > public
        openssl dgst -sha256 -verify public -signature signature plain""", "openssl");
  }

  @ForEachCaller
  void coreTools(Caller caller) throws IOException {
    same(caller, """
        cp /etc/passwd p; mv p q; touch -d 2020-01-01 q; stat -c '%Y %s' q; dd if=q of=r bs=16 count=2 2> /dev/null
        wc -c r; sync r; truncate -s 100 r; ls -s r > /dev/null; nohup true < /dev/null > /dev/null 2>&1
        timeout 5 true; env -i A=b env; nice -n 3 nice; flock r echo locked; date -d @0 +%s
        tail -n 1 q | cmp - /dev/null > /dev/null || echo differ
        mkdir -p a/b/c; rmdir a/b/c; ln -s q s; readlink -f s | sed 's,.*/,,'
        df . > /dev/null; nproc > /dev/null; uname -s""", "flock");
  }
}
