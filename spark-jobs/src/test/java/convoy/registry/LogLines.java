package convoy.registry;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;

/** What a class tells its log, from here to the end, whatever level is set for the others. */
final class LogLines extends AbstractAppender implements AutoCloseable {
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Logger logger;
  private final Level before;

  private LogLines(Logger logger) {
    super("lines", null, null, false, Property.EMPTY_ARRAY);
    this.logger = logger;
    before = logger.getLevel();
  }

  static LogLines of(Class<?> type) {
    LogLines lines = new LogLines((Logger) LogManager.getLogger(type));
    lines.start();
    lines.logger.addAppender(lines);
    lines.logger.setLevel(Level.INFO);
    return lines;
  }

  /** The messages, in their order. */
  List<String> all() {
    return List.copyOf(lines);
  }

  @Override
  public void append(LogEvent event) {
    lines.add(event.getMessage().getFormattedMessage());
  }

  @Override
  public void close() {
    logger.setLevel(before);
    logger.removeAppender(this);
    stop();
  }
}
