begin
  create table six (a int, b text default E'line\r\nend');
  comment on table six is 'two
lines';
end
