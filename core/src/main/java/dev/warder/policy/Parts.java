package dev.warder.policy;

/// Does the parts of some work on two processors, each part on the one that is free first.
///
/// A command line waits for a new JVM, which interprets; what takes no time in a warm one is worth a second thread there.
/// Parts may share only what never changes. What each has made is seen by the caller when [#all] returns.
public abstract class Parts {
  private final int count;
  private int next;
  private Throwable failure;

  protected Parts(int count) {
    this.count = count;
  }

  /// Does one part.
  ///
  /// @param index from 0; each is given once
  protected abstract void part(int index);

  /// Does all parts, and returns when the last one is done. What a part throws, this does; then not all are done.
  public final void all() {
    if (count < 2) {
      work();
      return;
    }
    var other = new Other();
    other.setDaemon(true);
    other.start();
    work();
    await(other);
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw (RuntimeException) failure;
    }
  }

  private final class Other extends Thread {
    @Override
    public void run() {
      try {
        work();
      } catch (RuntimeException | Error e) {
        failure = e;                              // the caller reads it when this thread has ended
      }
    }
  }

  private void work() {
    for (int index = take(); index < count; index = take()) {
      part(index);
    }
  }

  private synchronized int take() {
    return next++;
  }

  private static void await(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;                       // it is the caller's to act on, when the work is whole
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
